"""Entry point of `python -m devcloud`."""

import sys

# Ruff considers this outdated; it is for people whose Python is.
if sys.version_info < (3, 11):  # noqa: UP036
    sys.exit("devcloud: Python 3.11 or later is needed, this is " + sys.version.split()[0])

# Below the check, so that an old Python never sees newer syntax first.
from devcloud.cli import main

if __name__ == "__main__":
    sys.exit(main())
