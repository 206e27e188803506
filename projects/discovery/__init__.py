"""Finds out which projects a person has at a location, and in which roles: Keystone says it, nobody else."""
