"""What a new location is filled with, by way of its own APIs."""
