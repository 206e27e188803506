"""Seed a new location through its own APIs."""
