"""Offline tokens when the command line gets another client: each is ended as the client that it was issued to."""

from collections.abc import Iterator

import pytest
from pytest_django.fixtures import Settings

from portal.identity.models import OfflineToken
from tests import factories
from tests.providers.builtin import IdentityProvider
from tests.unit.offline_person import PAGE, SPENT, Person, point_at, refresh

OTHER = "other-cli"
_CLIENT = "from allauth.idp.oidc.models import Client; Client.objects"


@pytest.fixture(scope="module")
def two_clients(identity_provider: IdentityProvider) -> Iterator[IdentityProvider]:
    """Return the provider knows another public client too: what is not of that one it calls ended, and ends nothing."""
    identity_provider.manage("shell", "-c", f"{_CLIENT}.create(id='{OTHER}', name='Other', type='public')")
    yield identity_provider
    identity_provider.manage("shell", "-c", f"{_CLIENT}.filter(id='{OTHER}').delete()")


@pytest.fixture
def member(two_clients: IdentityProvider, settings: Settings, patient_portal: None, db: None) -> Person:
    point_at(two_clients, settings)
    person = Person(two_clients)
    factories.join(person.user, factories.cast().atlas)
    return person


@pytest.mark.parametrize("client_id", [OTHER, "nobody-knows"])
def test_one_of_the_client_of_before_is_revoked(member: Person, settings: Settings, client_id: str) -> None:
    row, token = member.token()
    settings.CLI_CLIENT_ID = client_id
    assert member.client.post(f"{PAGE}offline/{row.pk}/revoke/").status_code == 302
    assert refresh(member.provider, token) == SPENT
    row.refresh_from_db()
    assert row.end_reason == OfflineToken.End.REVOKED


def test_its_file_renews_it_as_the_client_of_before(member: Person, settings: Settings) -> None:
    member.asks()
    settings.CLI_CLIENT_ID = OTHER
    file = member.takes(OfflineToken.objects.get()).content.decode()
    assert "'meshdeck-cli'" in file
    assert OTHER not in file
