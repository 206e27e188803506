"""Programs that some tests need on the machine. A missing one is named in one line, and never ignored silently.

@pytest.mark.requires("chromium")
def test_…
"""

import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from tests.support import environment


@dataclass(frozen=True)
class Part:
    """Something that Python packages can't provide."""

    there: Callable[[], bool]
    install: str
    # Whether `make test` installs it as root on Debian: if so, its absence is a failure in CI.
    installable: bool = True


def program(*names: str) -> Callable[[], bool]:
    """Return a check whether one of the programs is on PATH."""
    return lambda: any(shutil.which(name) for name in names)


def postgres_programs() -> bool:
    """Return whether PostgreSQL's server programs are there, which Debian keeps off PATH."""
    from tests.support.postgres import bin_folder

    return bin_folder() is not None


PARTS = {
    "chromium": Part(program("chromium", "chromium-browser", "google-chrome"), "apt-get install chromium"),
    "redis-server": Part(program("redis-server"), "apt-get install redis-server"),
    "postgresql": Part(postgres_programs, "apt-get install postgresql"),
    "docker-compose": Part(program("docker-compose"), "apt-get install docker-compose"),
    "rclone": Part(program("rclone"), "apt-get install rclone"),
    "curl": Part(program("curl"), "apt-get install curl"),
    "zsh": Part(program("zsh"), "apt-get install zsh"),
    "fish": Part(program("fish"), "apt-get install fish"),
    # Microsoft's packages are not Debian's: https://learn.microsoft.com/powershell/scripting/install
    "pwsh": Part(program("pwsh"), "PowerShell 7", installable=False),
    "node": Part(program("node"), "apt-get install nodejs npm"),
    "linux": Part(lambda: sys.platform == "linux", "a Linux machine", installable=False),
}


def demand(*names: str) -> None:
    """Skip the running test for the first missing part; in CI fail instead if it could be installed."""
    for name in names:
        part = PARTS[name]
        if part.there():
            continue
        line = f"lacks {name} ({part.install})"
        if environment.STRICT and part.installable:
            pytest.fail(line, pytrace=False)
        pytest.skip(line)
