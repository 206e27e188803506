"""The verbs of service users, registered beside those of projects (apps.py)."""
