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
    """Before pytest-xdist takes down the groups."""
    if all(item.path.parent == Path(__file__).parent for item in items):
        turns.arrange(items)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Fixtures change the cloud too, so they take the test's turn."""
    with turns.turn(alone=item.get_closest_marker("quiet") is not None):
        return (yield)


@dataclass(frozen=True)
class Devcloud:
    """The command `python -m devcloud` with a state folder and ports of its own."""

    state: Path
    port_base: int

    def run(self, *arguments: str, check: bool = True, **extra: str) -> subprocess.CompletedProcess[str]:
        """Run the command; its environment may be extended by keyword."""
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
        """All that `status --json` says."""
        found: dict[str, Any] = json.loads(self.run("status", "--json", *arguments, check=False).stdout)
        return found

    def auth_url(self, location: str) -> str:
        """Keystone's URL."""
        return f"http://127.0.0.1:{self.port_base + (1000 if location == 'south' else 0)}/v3"

    @property
    def clouds_yaml(self) -> Path:
        """For openstacksdk and `openstack --os-cloud`."""
        return self.state / "devcloud/clouds.yaml"

    @property
    def openstack(self) -> str:
        """The command-line client's path."""
        return str(environment.ROOT / ".venv-devcloud/bin/openstack")

    def connect(self, name: str) -> Connection:
        """A connection for an entry of clouds.yaml: north-admin, north-atlas-member, south-atlas-reader …"""
        config = openstack.config.OpenStackConfig(config_files=[str(self.clouds_yaml)], load_envvars=False)
        return Connection(config=config.get_one(name))


@contextmanager
def trusting(cloud: Devcloud, issuer: str, *arguments: str) -> Iterator[None]:
    """Both locations, or those of `--location`, trust one more issuer, and that one first, until the block ends."""
    _trust(cloud, lambda others: [issuer, *others], arguments)
    try:
        yield
    finally:
        _trust(cloud, lambda others: [one for one in others if one != issuer], arguments)


def _trust(cloud: Devcloud, change: Callable[[list[str]], list[str]], arguments: Sequence[str]) -> None:
    """Others that test the same cloud have issuers of their own, which stay."""
    with (cloud.state / "issuers.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        trusted = cloud.status()["locations"]["north"]["issuers"]
        cloud.run("up", *arguments, "--issuer", ",".join(change(trusted)))


@pytest.fixture(scope="session")
def devcloud() -> Devcloud:
    """Both locations, up."""
    cloud = Devcloud(environment.STATE, environment.CLOUD_PORT)
    cloud.run("up")
    return cloud


@pytest.fixture(scope="session")
def issuer(devcloud: Devcloud) -> Iterator[Issuer]:
    """An identity provider of the test's own that the clouds trust beside the others."""
    with Issuer() as provider, trusting(devcloud, provider.url):
        yield provider
