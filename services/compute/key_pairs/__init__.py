"""Key pairs: each person's own."""
