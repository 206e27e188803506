"""`python -m devcloud.services NAME (LOCATION FOLDER PORT_BASE LOCK_FD OUTPUT)...`: one service of some locations."""

from __future__ import annotations

import importlib
import os
import resource
import signal
import sys

from devcloud.layout import PID_FORMAT, Location

WORDS_PER_LOCATION = 5
OPEN_FILES = 4096


def main() -> None:
    name, *words = sys.argv[1:]
    groups = [words[start : start + WORDS_PER_LOCATION] for start in range(0, len(words), WORDS_PER_LOCATION)]
    locks = [int(lock) for *_, lock, _ in groups]
    service = importlib.import_module(f"devcloud.services.{name}")
    # Before the forks: the code is loaded once and lies in memory once.
    service.load()
    for (*arguments, _, output), lock in zip(groups, locks, strict=True):
        if os.fork() == 0:
            own_process(lock, locks, output)
            location = Location.from_arguments(arguments)
            os.chdir(location.folder)
            service.serve(location)


def own_process(lock: int, locks: list[int], output: str) -> None:
    """Make the forked process one of its own: session, output, and the lock that tells the command that it lives."""
    os.setsid()
    for other in locks:
        if other != lock:
            os.close(other)
    # None of this process's children may keep the lock.
    os.set_inheritable(lock, False)
    # In one write and as wide as the loader's: whoever reads it meanwhile finds either of the two.
    os.pwrite(lock, PID_FORMAT.format(os.getpid()).encode(), 0)
    log = os.open(output, os.O_WRONLY | os.O_APPEND)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.close(log)
    # Connections are kept open by the hundred, and a limit of 1,024 files is usual.
    allowed = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    most = OPEN_FILES if allowed == resource.RLIM_INFINITY else min(OPEN_FILES, allowed)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, allowed))
    # Databases are safe against a killed process, so an orderly shutdown would only take time.
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))


main()
