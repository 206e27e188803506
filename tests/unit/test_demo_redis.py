"""The demo's Redis, which holds secrets for minutes: who gets at it, and what the machine shows of its password."""

import stat
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from portal.demo import parts
from portal.demo.layout import Layout
from portal.demo.site import Site
from tests.providers.processes import free_port

PASSWORD = "a-password-of-the-demo"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[Layout, int]]:
    """Start it, and yield its layout and process id."""
    layout = Layout(tmp_path / "state", redis_port=free_port())
    part = parts.redis_part(layout, PASSWORD)
    with subprocess.Popen(part.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            try:
                redis.Redis(port=layout.redis_port, password=PASSWORD).ping()
                break
            except redis.ConnectionError:
                time.sleep(0.05)
        yield layout, process.pid
        process.terminate()


def test_nobody_gets_in_without_the_password(server: tuple[Layout, int]) -> None:
    layout, _pid = server
    with redis.Redis(port=layout.redis_port) as stranger, pytest.raises(redis.AuthenticationError):
        stranger.ping()


def test_the_password_is_in_no_list_of_processes_and_in_a_file_of_its_owner(server: tuple[Layout, int]) -> None:
    layout, pid = server
    assert PASSWORD.encode() not in Path(f"/proc/{pid}/cmdline").read_bytes()
    assert PASSWORD.encode() not in Path(f"/proc/{pid}/environ").read_bytes()
    file = layout.state / "redis/redis.conf"
    assert PASSWORD in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_the_state_is_its_owners_alone_whoever_made_the_folder(tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.mkdir(mode=0o755)
    Site(Layout(state))
    assert stat.S_IMODE(state.stat().st_mode) == 0o700
