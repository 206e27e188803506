"""Lock a server: what it refuses, its way to done and back, and its button."""

from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from projects.access import Visit
from projects.models import Operation
from services.compute.models import Server
from tests import factories
from tests.unit.nova_fake import Nova
from tests.unit.server_pages import HERE, one
from tests.unit.servers_cast import ask, go, refused, undone

pytestmark = pytest.mark.django_db

State = Operation.State


@pytest.mark.parametrize(
    ("server", "words"),
    [
        ({"locked": True}, "locked already"),
    ],
)
def test_it_is_refused_with_the_reason(nova: Nova, visit: Visit, server: dict[str, Any], words: str) -> None:
    Server.objects.filter(external_id="server-1").update(**server)
    assert words in refused(visit, "lock-server", server_id="server-1")["server_id"]
    assert "no such server" in refused(visit, "lock-server", server_id="nope")["server_id"]
    assert nova.done == []


def test_it_is_done_and_undone(nova: Nova, visit: Visit) -> None:
    operation = go(ask(visit, "lock-server", server_id="server-1"))
    assert operation.state == State.DONE, operation.reason
    assert nova.row()["locked"]
    back = undone(operation)
    assert back is not None
    assert (back.action, dict(back.params)) == ("unlock-server", {"server_id": "server-1"})
    assert go(ask(visit, back.action, **back.params)).state == State.DONE
    assert not nova.row()["locked"]


def test_its_button_asks_for_it(cast: factories.Cast, grant: UUID, client: Client) -> None:
    server = one(cast)
    response = client.post("/atlas@north/do/lock-server/", {"server_id": server.external_id, "next": HERE})
    assert response["Location"].startswith(f"{HERE}?op=")
    operation = Operation.objects.get()
    assert (operation.action, operation.params["server_id"]) == ("lock-server", server.external_id)
