"""Entry point of `python -m devcloud`."""

import sys

# Ruff holds this for outdated; it is for those whose Python is.
if sys.version_info < (3, 11):  # noqa: UP036
    sys.exit("devcloud: Python 3.11 or later is needed, this is " + sys.version.split()[0])

# Below the check: an old Python must not see newer syntax before it.
from devcloud.cli import main

if __name__ == "__main__":
    sys.exit(main())
