"""Images (Glance)."""
