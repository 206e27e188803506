"""What the verbs of service users share."""
