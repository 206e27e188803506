"""Rename a server: what it refuses, its way to done and back, and its page."""

from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from projects.access import Visit
from projects.models import Operation
from services.compute.models import Server
from tests import factories
from tests.unit.nova_fake import Nova
from tests.unit.server_pages import HERE, one, text
from tests.unit.servers_cast import ask, go, refused, undone

pytestmark = pytest.mark.django_db

State = Operation.State


@pytest.mark.parametrize(
    ("params", "field", "words"),
    [
        ({"server_id": "nope", "name": "db-01"}, "server_id", "no such server"),
        ({"server_id": "server-1", "name": "db\x07"}, "name", "control characters"),
        ({"server_id": "server-1", "name": "db-01", "was_name": "web-99"}, "name", "“web-01” now"),
    ],
)
def test_it_is_refused_with_the_reason(
    nova: Nova, visit: Visit, params: dict[str, Any], field: str, words: str
) -> None:
    assert words in refused(visit, "rename-server", **params)[field]
    assert nova.done == []


def test_it_is_done_and_undone(nova: Nova, visit: Visit) -> None:
    operation = go(ask(visit, "rename-server", server_id="server-1", name="db-01"))
    assert operation.state == State.DONE, operation.reason
    assert nova.row()["name"] == "db-01"
    back = undone(operation)
    assert back is not None
    assert (back.action, dict(back.params)) == (
        "rename-server",
        {"server_id": "server-1", "name": "web-01", "was_name": "db-01"},
    )
    assert go(ask(visit, back.action, **back.params)).state == State.DONE
    assert nova.row()["name"] == "web-01"


def test_a_rename_overwrites_nobody(nova: Nova, visit: Visit) -> None:
    operation = ask(visit, "rename-server", server_id="server-1", name="db-01", was_name="web-01")
    nova.row()["name"] = "cache-01"
    go(operation)
    assert (operation.state, operation.code) == (State.FAILED, "changed_meanwhile")
    assert "cache-01" in operation.reason
    assert nova.did("rename") == 0


def test_a_rename_that_somebody_else_was_faster_with_is_told(cast: factories.Cast, grant: UUID, client: Client) -> None:
    server = one(cast)
    url = f"{HERE}{server.external_id}/rename/"
    Server.objects.filter(pk=server.pk).update(name="cache-01")
    response = client.post(url, {"name": "db-01", "was_name": "web-01", "key": "k"})
    page = response.content.decode()
    assert response.status_code == 422
    assert "it is called “cache-01” now" in page
    assert 'data-fill="was_name" data-value="cache-01"' in page
    assert client.post(url, {"name": "db-01", "was_name": "cache-01", "key": "k"}).status_code == 302
    assert Operation.objects.get().params["name"] == "db-01"


@pytest.mark.parametrize("thief", ["https://thief.test/", "//thief.test/", "/\\thief.test/", "javascript:alert(1)"])
def test_a_form_leads_back_to_our_own_pages_only(cast: factories.Cast, grant: UUID, client: Client, thief: str) -> None:
    url = f"{HERE}{one(cast).external_id}/rename/"
    page = text(client, url, query_params={"next": thief})
    assert f'href="{HERE}{one(cast).external_id}/"' in page
    response = client.post(url, {"name": "db-01", "key": "k"}, query_params={"next": thief})
    assert response["Location"].startswith(f"{HERE}{one(cast).external_id}/?op=")
    back = client.post(url, {"name": "db-02", "key": "k2"}, query_params={"next": "/atlas@north/?x=1"})
    assert back["Location"].startswith("/atlas@north/?x=1&op=")
