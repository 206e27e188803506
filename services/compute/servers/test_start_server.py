"""Start a server: what it refuses, its way to done and back, and its button."""

from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from projects.access import Visit
from projects.models import Operation
from projects.operations import turn
from services.compute.models import Server
from tests import factories
from tests.unit.nova_fake import TASK, Nova
from tests.unit.server_pages import HERE, one
from tests.unit.servers_cast import ask, go, refused, undone

pytestmark = pytest.mark.django_db

State = Operation.State


@pytest.mark.parametrize(
    ("server", "words"),
    [
        ({"status": "ACTIVE"}, "Only a stopped server"),
        ({"status": "SHUTOFF", "locked": True}, "locked"),
    ],
)
def test_it_is_refused_with_the_reason(nova: Nova, visit: Visit, server: dict[str, Any], words: str) -> None:
    Server.objects.filter(external_id="server-1").update(**server)
    assert words in refused(visit, "start-server", server_id="server-1")["server_id"]
    assert "no such server" in refused(visit, "start-server", server_id="nope")["server_id"]
    assert nova.done == []


def test_it_is_done_and_undone(nova: Nova, visit: Visit) -> None:
    operation = go(ask(visit, "start-server", server_id="server-2"))
    assert operation.state == State.DONE, operation.reason
    assert nova.row("server-2")["status"] == "ACTIVE"
    back = undone(operation)
    assert back is not None
    assert (back.action, dict(back.params)) == ("stop-server", {"server_id": "server-2"})
    assert go(ask(visit, back.action, **back.params)).state == State.DONE
    assert nova.row("server-2")["status"] == "SHUTOFF"


def test_a_server_that_somebody_else_started_needs_no_second_start(nova: Nova, visit: Visit) -> None:
    operation = ask(visit, "start-server", server_id="server-2")
    nova.row("server-2")["status"] = "ACTIVE"
    assert go(operation).state == State.DONE
    assert nova.did("os-start") == 0


def test_a_start_that_the_cloud_gave_up_fails(nova: Nova, visit: Visit) -> None:
    operation = ask(visit, "start-server", server_id="server-2")
    turn.turn(operation.pk)
    nova.ends.clear()
    nova.row("server-2").update(status="SHUTOFF", **{TASK: None})
    nova.record["server-2"][0] |= {"message": "Error"}
    go(operation)
    assert operation.state == State.FAILED
    assert "did not start" in operation.reason
    assert nova.did("os-start") == 1


def test_a_server_that_was_stopped_again_was_started_all_the_same(nova: Nova, visit: Visit) -> None:
    operation = ask(visit, "start-server", server_id="server-2")
    turn.turn(operation.pk)
    nova.ends.clear()
    nova.row("server-2").update(status="SHUTOFF", **{TASK: None})
    go(operation)
    assert operation.state == State.DONE
    assert "changed since" in operation.note


def test_its_button_asks_for_it(cast: factories.Cast, grant: UUID, client: Client) -> None:
    server = one(cast)
    Server.objects.filter(pk=server.pk).update(status="SHUTOFF")
    response = client.post("/atlas@north/do/start-server/", {"server_id": server.external_id, "next": HERE})
    assert response["Location"].startswith(f"{HERE}?op=")
    operation = Operation.objects.get()
    assert (operation.action, operation.params["server_id"]) == ("start-server", server.external_id)
