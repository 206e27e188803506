"""The page that shelves a server, and the API's dry run: both say what is lost."""

from uuid import UUID

import pytest
from django.test import Client

from projects.models import Operation
from services.compute.models import Server
from tests import factories
from tests.unit.server_pages import HERE, one, text

pytestmark = pytest.mark.django_db


def test_the_page_says_what_is_lost_and_asks_for_it(cast: factories.Cast, grant: UUID, client: Client) -> None:
    server = one(cast)
    address = f"{HERE}{server.external_id}/shelve/"
    page = text(client, address)
    assert "its memory&#x27;s content is lost" in page
    assert "They go on counting in the project&#x27;s limits" in page
    assert client.post(address, {"key": "k1"})["Location"].startswith(f"{HERE}{server.external_id}/?op=")
    assert Operation.objects.get().params == {"server_id": server.external_id}


def test_the_dry_run_says_what_the_page_says(cast: factories.Cast, grant: UUID, client: Client) -> None:
    server = one(cast)
    page = text(client, f"{HERE}{server.external_id}/shelve/")
    dry = client.post(
        "/api/v1/tenants/atlas@north/actions/shelve-server/preview",
        {"server_id": server.external_id},
        content_type="application/json",
    ).json()
    assert dry["lost"]
    assert dry["kept"]
    for part in [*dry["lost"], *dry["kept"]]:
        assert part["small"].replace("'", "&#x27;") in page


def test_what_can_not_be_shelved_says_why(cast: factories.Cast, grant: UUID, client: Client) -> None:
    server = one(cast)
    Server.objects.filter(pk=server.pk).update(status="RESCUE")
    assert "End rescue mode first" in text(client, f"{HERE}{server.external_id}/shelve/")
