"""The whole way against real providers: the built-in one and one that no one here wrote, as processes of their own."""

import pytest

from tests.providers.whole_login import Provider, WholeLogin


@pytest.fixture(params=["identity_provider", pytest.param("foreign_provider", marks=pytest.mark.requires("node"))])
def provider(request: pytest.FixtureRequest) -> Provider:
    """Each of them."""
    running: Provider = request.getfixturevalue(request.param)
    return running


class TestLogin(WholeLogin):
    """Keycloak goes the same way in tests/keycloak."""
