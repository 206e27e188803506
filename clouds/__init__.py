"""The only code that talks to a cloud. No Django in here: usable and testable alone."""
