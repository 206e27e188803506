"""Cloud Foundry foundations: their addresses, a person's token for them, and the spaces that person has a role in."""
