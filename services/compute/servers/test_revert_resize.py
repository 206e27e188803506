"""Revert a resize: what it refuses, its way to done, and its button."""

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
        ({}, "No resize waits"),
    ],
)
def test_it_is_refused_with_the_reason(nova: Nova, visit: Visit, server: dict[str, Any], words: str) -> None:
    Server.objects.filter(external_id="server-1").update(**server)
    assert words in refused(visit, "revert-resize", server_id="server-1")["server_id"]
    assert "no such server" in refused(visit, "revert-resize", server_id="nope")["server_id"]
    assert nova.done == []


def test_it_is_done_and_there_is_no_undo(nova: Nova, visit: Visit) -> None:
    go(ask(visit, "resize-server", server_id="server-1", flavor_id="flavor-2"))
    operation = go(ask(visit, "revert-resize", server_id="server-1"))
    assert operation.state == State.DONE, operation.reason
    assert Server.objects.get(external_id="server-1").flavor_name == "m1.medium"
    assert undone(operation) is None


def test_its_button_asks_for_it(cast: factories.Cast, grant: UUID, client: Client) -> None:
    server = one(cast)
    Server.objects.filter(pk=server.pk).update(status="VERIFY_RESIZE")
    response = client.post("/atlas@north/do/revert-resize/", {"server_id": server.external_id, "next": HERE})
    assert response["Location"].startswith(f"{HERE}?op=")
    operation = Operation.objects.get()
    assert (operation.action, operation.params["server_id"]) == ("revert-resize", server.external_id)
