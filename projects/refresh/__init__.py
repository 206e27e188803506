"""Brings one tenant's inventory up to date: claim, read as the user, write the differences."""
