"""Find out which process holds a TCP port of this machine."""

from __future__ import annotations

import os
import socket
from pathlib import Path

LISTENING = "0A"


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As servers do: a port with only lingering connections counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def holder(port: int) -> str:
    """Return the process that listens on the port, as "process 4711 (nginx)", as far as permissions allow."""
    inodes = _listening_inodes(port)
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            for descriptor in (folder / "fd").iterdir():
                if os.readlink(descriptor) in inodes:
                    words = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                    return f"process {folder.name} ({words.strip()[:80]})"
        except OSError:
            # It has ended meanwhile, or belongs to someone else.
            continue
    return "another process"


def _listening_inodes(port: int) -> set[str]:
    found = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            rows = [line.split() for line in Path(table).read_text().splitlines()[1:]]
        except OSError:
            continue
        found |= {f"socket:[{row[9]}]" for row in rows if row[3] == LISTENING and int(row[1][-4:], 16) == port}
    return found
