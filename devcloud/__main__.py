"""Entry point of `python -m devcloud`."""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - this line is for those who run an older one
    sys.exit("devcloud: Python 3.11 or later is needed, this is %d.%d" % sys.version_info[:2])

from devcloud.cli import main  # noqa: E402 - an old Python must not see newer syntax before the check above

sys.exit(main())
