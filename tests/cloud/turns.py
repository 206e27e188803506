"""Schedule two test processes on one cloud: which tests share a process, and which need the cloud for themselves."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.support import environment

# Tests of a file share a project of their own. These share a person and the seeded projects.
_ATLAS = (
    "test_api",
    "test_application_credentials",
    "test_clouds_inventory",
    "test_clouds_sdk",
    "test_ec2_credentials",
    "test_figures",
    "test_key_pairs",
    "test_operator_location",
    "test_refresh_worker",
)
# The longest first, so that both processes end at about the same time.
ORDER = ("test_actions_networks", "atlas", "test_actions_security_groups", "test_actions_servers", "test_cli_password")


def arrange(items: list[pytest.Item]) -> None:
    """Give each test its group, and the groups their order."""
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_group(item)))
    items.sort(key=lambda item: ORDER.index(group) if (group := _group(item)) in ORDER else len(ORDER))


def _group(item: pytest.Item) -> str:
    return "atlas" if item.path.stem in _ATLAS else item.path.stem


@contextmanager
def turn(*, alone: bool) -> Iterator[None]:
    """Hold the cloud for a test: shared, or `alone` if other tests' changes would falsify it."""
    with (environment.STATE / "cloud-gate").open("a") as gate, (environment.STATE / "cloud-use").open("a") as use:
        fcntl.flock(gate, fcntl.LOCK_EX)  # no new tests while one waits to be alone
        fcntl.flock(use, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        fcntl.flock(gate, fcntl.LOCK_UN)
        yield
