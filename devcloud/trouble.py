"""The one exception that the command shows as a single line."""

from __future__ import annotations

import errno


class Trouble(Exception):
    """An error that the person at the terminal can understand and fix; its text is one line."""


def from_os_error(error: OSError) -> Trouble:
    """Describe a failed file operation in one line (a full disk, an unwritable folder …)."""
    where = f" at {error.filename}" if error.filename else ""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Trouble(f"no space left on the disk{where}")
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return Trouble(f"not allowed to write{where}")
    return Trouble(f"{error.strerror or error}{where}")
