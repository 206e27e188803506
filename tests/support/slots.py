"""Assign each clone on this machine a number, from which the ports of its test runs follow.

Clouds keep their ports in their data, so a clone keeps its number for as long as it has its state folder.
"""

import fcntl
import os
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

COUNT = 25
# More than a run needs: fourteen ports for each cloud, five for the portal.
_STEP = 40
_CLOUD, _PORTAL = 25000, 28000


def ports(state: Path) -> tuple[int, int]:
    """Return the first port of the cloud and of the portal for the clone with this state folder."""
    number = _slot(state)
    return _CLOUD + number * _STEP, _PORTAL + number * _STEP


def _slot(state: Path) -> int:
    registry = Path(tempfile.gettempdir()) / f"meshdeck-test-slots-{os.getuid()}"
    mine, registered = str(state), state / "slot"
    if registered.exists() and _read(registry / registered.read_text()) == mine:
        return int(registered.read_text())
    with _alone(registry):
        number = _choose(registry, mine, _read(registered))
        state.mkdir(parents=True, exist_ok=True)
        registered.write_text(str(number))
    return number


def _choose(registry: Path, mine: str, before: str) -> int:
    """Return the number that it has, or had `before` this machine was restarted; else the lowest free one."""
    numbers = sorted(range(COUNT), key=lambda number: str(number) != before)
    holders = {number: _read(registry / str(number)) for number in numbers}
    for number in numbers:
        if holders[number] == mine:
            return number
    for number in numbers:
        # A deleted clone releases its number.
        held = holders[number] and (Path(holders[number]) / "slot").exists()
        if not held and (str(number) == before or _is_quiet(number)):
            (registry / str(number)).write_text(mine)
            return number
    raise RuntimeError(f"all {COUNT} places for test runs are taken, see {registry}")


def _is_quiet(number: int) -> bool:
    """Return whether nothing listens on its ports."""
    for first in (_CLOUD, _CLOUD + 1000, _PORTAL):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", first + number * _STEP)) == 0:
                return False
    return True


def _read(file: Path) -> str:
    try:
        return file.read_text()
    except FileNotFoundError:
        return ""


@contextmanager
def _alone(registry: Path) -> Iterator[None]:
    registry.mkdir(mode=0o700, exist_ok=True)
    with (registry / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
