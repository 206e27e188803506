"""One module per process of a location, run inside the virtual environment by `python -m devcloud.services`."""
