"""pytest fixtures for the providers; the root conftest.py names this module in `pytest_plugins`."""

from collections.abc import Iterator

import pytest
from pytest_django.fixtures import Settings

from portal.identity import discovery, http
from tests.providers import builtin, foreign
from tests.providers import foundation as foundation_module
from tests.providers import hostile as hostile_module
from tests.support.parts import demand

# The site whose scripts the foundation of the tests allows.
PANEL = "http://127.0.0.1:28000"


@pytest.fixture(scope="session")
def identity_provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[builtin.IdentityProvider]:
    """Run the built-in provider with the cast, one per test process. Leave the cast as you found it."""
    with builtin.identity_provider(tmp_path_factory.mktemp("idp")) as provider:
        yield provider


@pytest.fixture(scope="session")
def foreign_provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[foreign.ForeignProvider]:
    """Run npm's certified oidc-provider with the same cast, one per test process."""
    demand("node")
    with foreign.foreign_provider(tmp_path_factory.mktemp("foreign")) as provider:
        yield provider


@pytest.fixture(scope="session")
def foundation_(tmp_path_factory: pytest.TempPathFactory) -> Iterator[foundation_module.RunningFoundation]:
    """Run the stand-in for a Cloud Foundry foundation behind a provider of its own, one per test process."""
    with foundation_module.foundation(tmp_path_factory.mktemp("foundation"), cors_origin=PANEL) as running:
        yield running


@pytest.fixture
def foundation(
    foundation_: foundation_module.RunningFoundation,
) -> Iterator[foundation_module.RunningFoundation]:
    """Reset the foundation's clock after each test."""
    yield foundation_
    foundation_.clock.ahead = 0.0


@pytest.fixture
def patient_portal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the portal wait longer for its provider: the speed of a busy machine is not under test."""
    monkeypatch.setattr(http, "READ_SECONDS", 60.0)
    monkeypatch.setattr(http, "TOTAL_SECONDS", 60.0)


@pytest.fixture
def hostile(settings: Settings, patient_portal: None) -> Iterator[hostile_module.HostileProvider]:
    """Run a provider that misbehaves on demand, and point the portal at it."""
    discovery.forget_providers()  # an earlier one may have had the same port
    with hostile_module.hostile_provider() as provider:
        settings.OIDC_ISSUER = provider.issuer
        settings.BASE_URL = "http://testserver"
        yield provider
