"""The one exception that the command shows as one line."""

from __future__ import annotations

import errno


class Trouble(Exception):
    """Something the person at the terminal can understand and mend; its text is one line."""


def from_os_error(error: OSError) -> Trouble:
    """Say a failed file operation in one line (a full disk, a folder that can't be written to …)."""
    where = f" at {error.filename}" if error.filename else ""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Trouble(f"no space left on the disk{where}")
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return Trouble(f"not allowed to write{where}")
    return Trouble(f"{error.strerror or error}{where}")
