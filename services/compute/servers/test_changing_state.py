"""Pause, suspend, shelve, rescue and their ways back: what they refuse, their way to done and back, their buttons."""

from uuid import UUID

import pytest
from django.test import Client

from projects.access import Visit
from projects.models import Operation
from services.compute.models import Server
from tests import factories
from tests.unit.nova_fake import TASK, Nova
from tests.unit.server_pages import HERE, one, text
from tests.unit.servers_cast import ask, go, refused, undone

pytestmark = pytest.mark.django_db

State = Operation.State
# The verb, the state that it starts from and the one that it ends in, and what takes it back.
VERBS = [
    ("pause-server", "ACTIVE", "PAUSED", "unpause-server"),
    ("unpause-server", "PAUSED", "ACTIVE", "pause-server"),
    ("suspend-server", "ACTIVE", "SUSPENDED", "resume-server"),
    ("resume-server", "SUSPENDED", "ACTIVE", "suspend-server"),
    ("shelve-server", "ACTIVE", "SHELVED_OFFLOADED", "unshelve-server"),
    ("shelve-server", "SHUTOFF", "SHELVED_OFFLOADED", ""),
    ("shelve-server", "PAUSED", "SHELVED_OFFLOADED", ""),
    ("unshelve-server", "SHELVED", "ACTIVE", ""),
    ("unshelve-server", "SHELVED_OFFLOADED", "ACTIVE", ""),
    ("rescue-server", "ACTIVE", "RESCUE", "unrescue-server"),
    ("rescue-server", "SHUTOFF", "RESCUE", ""),
    ("unrescue-server", "RESCUE", "ACTIVE", ""),
]
WAYS_ON = {
    "PAUSED": ("unpause-server", "It is paused. Unpause it first."),
    "SUSPENDED": ("resume-server", "It is suspended. Resume it first."),
    "SHELVED": ("unshelve-server", "It is shelved. Unshelve it first."),
    "SHELVED_OFFLOADED": ("unshelve-server", "It is shelved. Unshelve it first."),
    "RESCUE": ("unrescue-server", "It is in rescue mode. End rescue mode first."),
}


def put(nova: Nova, status: str) -> None:
    """Put the first server into a state, in the cloud and in the inventory."""
    nova.row()["status"] = status
    Server.objects.filter(external_id="server-1").update(status=status)


@pytest.mark.parametrize(("verb", "before", "after", "back"), VERBS)
def test_it_is_done_once_and_taken_back(
    nova: Nova, visit: Visit, verb: str, before: str, after: str, back: str
) -> None:
    put(nova, before)
    operation = go(ask(visit, verb, server_id="server-1"))
    assert operation.state == State.DONE, operation.reason
    assert nova.did(verb.removesuffix("-server")) == 1
    assert Server.objects.get(external_id="server-1").status == after
    undo = undone(operation)
    assert (undo.action if undo else "") == back
    if undo is not None:
        assert go(ask(visit, undo.action, **undo.params)).state == State.DONE
        assert nova.row()["status"] == before


@pytest.mark.parametrize("verb", sorted({verb for verb, *_ in VERBS}))
def test_it_is_refused_from_a_state_that_it_does_not_start_from(nova: Nova, visit: Visit, verb: str) -> None:
    put(nova, "BUILD")
    assert refused(visit, verb, server_id="server-1")["server_id"]
    assert "no such server" in refused(visit, verb, server_id="nope")["server_id"]
    Server.objects.filter(external_id="server-1").update(status="ACTIVE", locked=True)
    assert "locked" in refused(visit, verb, server_id="server-1")["server_id"]
    assert nova.done == []


@pytest.mark.parametrize(("status", "on"), WAYS_ON.items())
@pytest.mark.parametrize(
    ("verb", "more"),
    [
        ("stop-server", {}),
        ("start-server", {}),
        ("reboot-server", {}),
        ("resize-server", {"flavor_id": "flavor-2"}),
        ("rebuild-server", {"image_id": "image-1"}),
    ],
)
def test_what_is_refused_names_the_way_on(
    nova: Nova, visit: Visit, status: str, on: tuple[str, str], verb: str, more: dict[str, str]
) -> None:
    put(nova, status)
    assert on[1] in refused(visit, verb, server_id="server-1", **more)["server_id"]


@pytest.mark.parametrize(("status", "on"), WAYS_ON.items())
def test_the_page_offers_the_way_on_first(
    cast: factories.Cast, grant: UUID, client: Client, status: str, on: tuple[str, str]
) -> None:
    server = one(cast)
    Server.objects.filter(pk=server.pk).update(status=status)
    page = text(client, f"{HERE}{server.external_id}/")
    head = page[page.index('class="md-head"') : page.index('class="md-tabs"')]
    assert head.index(f"/do/{on[0]}/") < head.index("Console")
    response = client.post(f"/atlas@north/do/{on[0]}/", {"server_id": server.external_id, "next": HERE})
    assert response["Location"].startswith(f"{HERE}?op=")
    assert Operation.objects.get().action == on[0]


def test_what_the_cloud_does_not_do_is_told(nova: Nova, visit: Visit) -> None:
    """It was accepted, and the server is at nothing and where it was."""
    operation = ask(visit, "pause-server", server_id="server-1")
    go(operation, turns=1)
    nova.row()["status"] = "ACTIVE"
    nova.row()[TASK] = None
    nova.ends.clear()
    nova.record["server-1"][0] |= {"message": "Error", "events": [{"event": "pause", "result": "Error"}]}
    operation = go(operation)
    assert operation.state == State.FAILED
    assert "did not pause the server" in operation.reason
    assert nova.did("pause") == 1
