"""What the API gives and takes, one module per kind of thing. Thin: it says what the pages say, from the same places.

portal.api mounts it (mount.py), lets people in and tells what went wrong.
"""
