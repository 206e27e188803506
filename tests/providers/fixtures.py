"""pytest's view of the providers; tests/conftest.py names this module in `pytest_plugins`."""

from collections.abc import Iterator

import pytest

from tests.providers import builtin, foreign
from tests.support.parts import demand


@pytest.fixture(scope="session")
def identity_provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[builtin.IdentityProvider]:
    """The built-in provider with the cast, one per test process. Leave the cast as you found it."""
    with builtin.identity_provider(tmp_path_factory.mktemp("idp")) as provider:
        yield provider


@pytest.fixture(scope="session")
def foreign_provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[foreign.ForeignProvider]:
    """npm's certified oidc-provider with the same cast, one per test process."""
    demand("node")
    with foreign.foreign_provider(tmp_path_factory.mktemp("foreign")) as provider:
        yield provider
