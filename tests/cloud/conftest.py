"""The real cloud for tests: started once per run, and left running for the next one."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openstack
import pytest
from openstack.connection import Connection

from tests.cloud import turns
from tests.support import environment
from tests.support.issuer import Issuer


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Arrange the tests before pytest-xdist records the groups."""
    if all(item.path.parent == Path(__file__).parent for item in items):
        turns.arrange(items)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Run the test with its fixtures in its turn, since fixtures change the cloud too."""
    with turns.turn(alone=item.get_closest_marker("quiet") is not None):
        return (yield)


@dataclass(frozen=True)
class Devcloud:
    """The command `python -m devcloud` with its own state folder and ports."""

    state: Path
    port_base: int

    def run(self, *arguments: str, check: bool = True, **extra: str) -> subprocess.CompletedProcess[str]:
        """Run the command; keywords extend its environment."""
        variables = {"MESHDECK_STATE": str(self.state), "DEVCLOUD_PORT_BASE": str(self.port_base)}
        done = subprocess.run(
            [sys.executable, "-m", "devcloud", *arguments],
            cwd=environment.ROOT,
            env=os.environ | variables | extra,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0 or not check, done.stderr
        return done

    def status(self, *arguments: str) -> dict[str, Any]:
        """Return the output of `status --json`."""
        found: dict[str, Any] = json.loads(self.run("status", "--json", *arguments, check=False).stdout)
        return found

    def auth_url(self, location: str) -> str:
        """Return Keystone's URL."""
        return f"http://127.0.0.1:{self.port_base + (1000 if location == 'south' else 0)}/v3"

    @property
    def clouds_yaml(self) -> Path:
        """The path of clouds.yaml, for openstacksdk and `openstack --os-cloud`."""
        return self.state / "devcloud/clouds.yaml"

    @property
    def openstack(self) -> str:
        """The path of the command-line client."""
        return str(environment.ROOT / ".venv-devcloud/bin/openstack")

    def connect(self, name: str) -> Connection:
        """Connect as an entry of clouds.yaml: north-admin, north-atlas-member, south-atlas-reader …"""
        config = openstack.config.OpenStackConfig(config_files=[str(self.clouds_yaml)], load_envvars=False)
        return Connection(config=config.get_one(name))


@contextmanager
def trusting(cloud: Devcloud, issuer: str, *arguments: str) -> Iterator[None]:
    """Let both locations, or those of `--location`, trust one more issuer until the block ends, and put it first."""
    _trust(cloud, lambda others: [issuer, *others], arguments)
    try:
        yield
    finally:
        _trust(cloud, lambda others: [one for one in others if one != issuer], arguments)


def _trust(cloud: Devcloud, change: Callable[[list[str]], list[str]], arguments: Sequence[str]) -> None:
    """Change the trusted issuers; keep those of other tests on the same cloud."""
    with (cloud.state / "issuers.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        trusted = cloud.status()["locations"]["north"]["issuers"]
        cloud.run("up", *arguments, "--issuer", ",".join(change(trusted)))


@pytest.fixture(scope="session")
def devcloud() -> Devcloud:
    """Bring both locations up."""
    cloud = Devcloud(environment.STATE, environment.CLOUD_PORT)
    cloud.run("up")
    return cloud


@pytest.fixture(scope="session")
def issuer(devcloud: Devcloud) -> Iterator[Issuer]:
    """Run an identity provider for the test that the clouds trust beside the others."""
    with Issuer() as provider, trusting(devcloud, provider.url):
        yield provider
