"""Object storage (Swift)."""
