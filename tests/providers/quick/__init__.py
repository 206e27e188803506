"""The built-in provider for tests: all as it is, but for the work that a password costs."""
