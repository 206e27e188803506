"""The only code that talks to a cloud. It doesn't use Django, so it can be used and tested on its own."""
