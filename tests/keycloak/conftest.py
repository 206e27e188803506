"""A real Keycloak, and a real cloud that trusts it."""

from collections.abc import Generator, Iterator

import pytest

from clouds.openstack.session import Federation
from tests.cloud.conftest import Devcloud, trusting
from tests.providers.keycloak import Keycloak, MissingPartError, keycloak
from tests.providers.processes import ROOT
from tests.support import environment


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Report what one test lacks from one place for all of them, so that pytest sums it up in one line."""
    report = yield
    if report.skipped and isinstance(report.longrepr, tuple):
        report.longrepr = (__file__, 1, report.longrepr[2])
    return report


@pytest.fixture(scope="session")
def provider() -> Iterator[Keycloak]:
    """Run one Keycloak for all tests; the program stays in the state folder."""
    try:
        with keycloak(ROOT / ".meshdeck" / "keycloak") as running:
            yield running
    except MissingPartError as lack:
        pytest.skip(str(lack))


@pytest.fixture(scope="session")
def north(provider: Keycloak) -> Iterator[Federation]:
    """Return the cloud tests' location north, which trusts Keycloak too, and leave it as it was: up or down."""
    cloud, alone = Devcloud(environment.STATE, environment.CLOUD_PORT), ("--location", "north")
    was_up = cloud.status(*alone)["locations"]["north"]["up"]
    cloud.run("up", *alone)
    try:
        with trusting(cloud, provider.issuer, *alone):
            yield Federation(cloud.auth_url("north"), region="north")
    finally:
        if not was_up:
            cloud.run("down", *alone)
