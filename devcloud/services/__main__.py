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
    # Before the forks: the code is loaded once and its memory is shared.
    service.load()
    for (*arguments, _, output), lock in zip(groups, locks, strict=True):
        if os.fork() == 0:
            own_process(lock, locks, output)
            location = Location.from_arguments(arguments)
            os.chdir(location.folder)
            service.serve(location)


def own_process(lock: int, locks: list[int], output: str) -> None:
    """Turn the forked process into one of its own, with session, output, and the lock that shows it is running."""
    os.setsid()
    for other in locks:
        if other != lock:
            os.close(other)
    # This process's children must not hold the lock.
    os.set_inheritable(lock, False)
    # In one write of fixed width: a concurrent reader sees either the loader's id or this one.
    os.pwrite(lock, PID_FORMAT.format(os.getpid()).encode(), 0)
    log = os.open(output, os.O_WRONLY | os.O_APPEND)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.close(log)
    # Connections are kept open by the hundred, and the usual limit is 1,024 files.
    allowed = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    most = OPEN_FILES if allowed == resource.RLIM_INFINITY else min(OPEN_FILES, allowed)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, allowed))
    # Databases survive a killed process, so an orderly shutdown would only take time.
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))


main()
