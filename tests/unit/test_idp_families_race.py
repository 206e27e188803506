"""Families of refresh tokens where writers lock rows, as PostgreSQL does: nobody slips through between two looks."""

from collections.abc import Iterator

import pytest

from tests.providers import builtin
from tests.providers.builtin import IdentityProvider
from tests.support.postgres import postgres

pytestmark = pytest.mark.requires("postgresql")


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[IdentityProvider]:
    with (
        postgres() as url,
        builtin.identity_provider(tmp_path_factory.mktemp("races"), DATABASE_URL=url) as running,
    ):
        yield running


@pytest.mark.parametrize("queries", [0, 1])
def test_a_token_that_is_spent_just_now_is_of_its_family(provider: IdentityProvider, queries: int) -> None:
    """Else a revocation is answered with success, or a second use passes, and the login lives on."""
    clear = "from allauth.idp.oidc.models import Token; from portal.idp.models import TokenFamily; "
    clear += "Token.objects.all().delete(); TokenFamily.objects.all().delete()"
    provider.manage("shell", "--command", clear)
    race = f"from tests.unit.families_race import spent_between; spent_between({queries})"
    assert "family False" in provider.manage("shell", "--command", race)
