"""Only one command at a time works on a location or on the installation."""

from __future__ import annotations

import contextlib
import fcntl
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from devcloud.trouble import Trouble

WAIT_SECONDS = 300


@contextlib.contextmanager
def exclusive(file: Path, what: str, say: Callable[[str], None]) -> Iterator[None]:
    """Hold the lock. If another command holds it, say so and wait."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a") as lock:
        deadline = time.monotonic() + WAIT_SECONDS
        told = False
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if not told:
                    say(f"waiting for another devcloud command that is working on {what}")
                    told = True
                if time.monotonic() > deadline:
                    raise Trouble(f"another devcloud command has been working on {what} for {WAIT_SECONDS} s") from None
                time.sleep(0.1)
        yield
