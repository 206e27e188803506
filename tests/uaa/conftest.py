"""A real UAA behind the built-in identity provider."""

from collections.abc import Generator, Iterator

import pytest

from tests.providers.fixtures import PANEL
from tests.providers.keycloak import MissingPartError
from tests.providers.processes import ROOT
from tests.providers.uaa import RealUaa, real_uaa


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Report what one test lacks from one place for all of them, so that pytest sums it up in one line."""
    report = yield
    if report.skipped and isinstance(report.longrepr, tuple):
        report.longrepr = (__file__, 1, report.longrepr[2])
    return report


@pytest.fixture(scope="session")
def uaa(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealUaa]:
    """Run one UAA for all tests; the program stays in the state folder."""
    try:
        with real_uaa(ROOT / ".meshdeck" / "uaa", tmp_path_factory.mktemp("uaa"), PANEL) as running:
            yield running
    except MissingPartError as lack:
        pytest.skip(str(lack))
