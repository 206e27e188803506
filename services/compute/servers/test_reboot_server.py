"""Reboot a server: what it refuses, its way to done beside the reboots of others, and its page."""

from typing import Any
from uuid import UUID

import pytest
import requests_mock
from django.test import Client
from django.utils import timezone

from projects.access import Visit
from projects.models import Operation
from projects.operations import sending, turn
from services.compute.models import Server
from tests import factories
from tests.unit.clouds_fake import FakeCloud
from tests.unit.nova_fake import TASK, Nova
from tests.unit.server_pages import HERE, one, text
from tests.unit.servers_cast import ask, go, refused, undone

pytestmark = pytest.mark.django_db

State = Operation.State


@pytest.mark.parametrize(
    ("server", "words"),
    [
        ({"status": "SHUTOFF"}, "hard reboot"),
    ],
)
def test_it_is_refused_with_the_reason(nova: Nova, visit: Visit, server: dict[str, Any], words: str) -> None:
    Server.objects.filter(external_id="server-1").update(**server)
    assert words in refused(visit, "reboot-server", server_id="server-1")["server_id"]
    assert "no such server" in refused(visit, "reboot-server", server_id="nope")["server_id"]
    assert nova.done == []


def test_it_is_done_and_there_is_no_undo(nova: Nova, visit: Visit) -> None:
    operation = go(ask(visit, "reboot-server", server_id="server-1"))
    assert operation.state == State.DONE, operation.reason
    assert nova.did("reboot") == 1
    assert undone(operation) is None


def test_a_reboot_of_mine_from_before_is_no_proof(nova: Nova, visit: Visit) -> None:
    nova.note(nova.row(), "reboot")
    operation = ask(visit, "reboot-server", server_id="server-1")
    nova.kill(3, "before")  # it has written down that it sends, and did not
    go(operation)
    assert operation.state == State.DONE
    assert nova.did("reboot") == 1


def test_a_reboot_waits_for_one_that_is_under_way(nova: Nova, visit: Visit) -> None:
    nova.looks = 5
    first, second = (ask(visit, "reboot-server", server_id="server-1") for _ in range(2))
    turn.turn(first.pk)
    turn.turn(second.pk)
    assert nova.did("reboot") == 1
    assert go(first).state == go(second).state == State.DONE
    assert nova.did("reboot") == 2


def test_a_hard_reboot_ends_a_soft_one_that_hangs(nova: Nova, visit: Visit) -> None:
    nova.row().update(status="REBOOT", **{TASK: "rebooting"})
    Server.objects.filter(external_id="server-1").update(status="REBOOT", task_state="rebooting")
    assert "at work (rebooting)" in refused(visit, "reboot-server", server_id="server-1", kind="soft")["server_id"]
    operation = go(ask(visit, "reboot-server", server_id="server-1", kind="hard"))
    assert operation.state == State.DONE
    assert nova.did("reboot") == 1


def test_a_hard_reboot_waits_for_another_hard_one(nova: Nova, visit: Visit) -> None:
    nova.looks = 5
    first, second = (ask(visit, "reboot-server", server_id="server-1", kind="hard") for _ in range(2))
    turn.turn(first.pk)
    turn.turn(second.pk)
    assert nova.did("reboot") == 1
    assert go(first).state == go(second).state == State.DONE
    assert nova.did("reboot") == 2


@pytest.mark.parametrize("when", ["before", "after"])
def test_two_reboots_whose_workers_both_die_are_two(
    requests_mock: requests_mock.Mocker, visit: Visit, when: str
) -> None:
    first_dies = 3  # at its change; of any other place: test_operations_sending.py
    for second_dies in range(1, 5):
        for second_when in ("before", "after"):
            nova = Nova(FakeCloud(requests_mock))
            Operation.objects.update(state=State.DONE)
            both = [ask(visit, "reboot-server", server_id="server-1") for _ in range(2)]
            for operation, dies, whether in zip(both, (first_dies, second_dies), (when, second_when), strict=True):
                nova.requests = 0
                nova.kill(dies, whether)
                go(operation, 1)
            nova.dies_at = None
            for _ in range(30):
                for operation in both:
                    go(operation, 1)
            assert [operation.state for operation in both] == [State.DONE, State.DONE]
            assert nova.did("reboot") == 2
            assert both[0].memory["request"] != both[1].memory["request"]


def test_a_reboot_does_not_overtake_one_that_was_sent_since_it_looked(nova: Nova, visit: Visit) -> None:
    nova.looks = 5
    first, second = (ask(visit, "reboot-server", server_id="server-1", kind="hard") for _ in range(2))
    nova.meanwhile = lambda: turn.turn(first.pk)
    turn.turn(second.pk)
    assert nova.did("reboot") == 1
    assert go(first).state == go(second).state == State.DONE
    assert nova.did("reboot") == 2


def test_a_refused_reboot_stands_in_nobodys_way(requests_mock: requests_mock.Mocker, nova: Nova, visit: Visit) -> None:
    soft, hard = (ask(visit, "reboot-server", server_id="server-1", kind=kind) for kind in ("soft", "hard"))

    def hangs() -> None:  # somebody's other soft one, between the look and the sending
        nova.row().update(status="REBOOT", **{TASK: "rebooting"})

    nova.meanwhile = lambda: setattr(nova, "meanwhile", hangs)
    go(soft, 2)
    assert soft.state == State.RUNNING
    assert go(hard).state == State.DONE
    assert nova.did("reboot") == 1


def test_a_reboot_is_done_though_the_server_was_stopped_since(nova: Nova, visit: Visit) -> None:
    operation = ask(visit, "reboot-server", server_id="server-1", kind="hard")
    while not nova.did("reboot"):
        turn.turn(operation.pk)
    nova.ends.clear()
    nova.row().update(status="SHUTOFF", **{TASK: None})
    go(operation)
    assert operation.state == State.DONE
    assert "changed since" in operation.note


def test_what_was_sent_and_cancelled_may_still_arrive(nova: Nova, visit: Visit) -> None:
    first = ask(visit, "reboot-server", server_id="server-1", kind="hard")
    nova.kill(4, "before")
    go(first, 1)
    assert first.memory["sent_sent_at"]
    Operation.objects.filter(pk=first.pk).update(state=State.CANCELLED, ended_at=timezone.now())
    second = ask(visit, "reboot-server", server_id="server-1", kind="hard")
    go(second, 3)
    assert nova.did("reboot") == 0
    assert second.state == State.RUNNING
    Operation.objects.filter(pk=first.pk).update(ended_at=timezone.now() - sending.SETTLE)
    assert go(second).state == State.DONE
    assert nova.did("reboot") == 1


def test_a_reboot_is_not_done_by_another_ones_that_is(nova: Nova, visit: Visit) -> None:
    operation = ask(visit, "reboot-server", server_id="server-1", kind="hard")
    while not nova.did("reboot"):
        turn.turn(operation.pk)
    # The other one has ended, and the server is active by it; of ours the record does not say yet how it went.
    nova.ends.clear()
    nova.row().update(status="ACTIVE", **{TASK: None})
    nova.record["server-1"][0] |= {"events": [{"event": "compute_reboot_instance", "result": None}]}
    go(operation, 3)
    assert operation.state == State.RUNNING
    nova.record["server-1"][0] |= {"message": "Error"}
    go(operation)
    assert operation.state == State.DONE
    assert nova.did("reboot") == 2


@pytest.mark.parametrize(("fail", "state", "sent"), [(2, State.DONE, 3), (3, State.FAILED, 3)])
def test_a_reboot_that_another_one_overtook_is_asked_for_anew(
    nova: Nova, visit: Visit, fail: int, state: str, sent: int
) -> None:
    operation = ask(visit, "reboot-server", server_id="server-1", kind="hard")
    for n in range(1, fail + 1):
        while nova.did("reboot") < n:
            turn.turn(operation.pk)
        nova.record["server-1"][0] |= {"message": "Error"}
    go(operation)
    assert operation.state == state
    assert nova.did("reboot") == sent
    if state == State.FAILED:
        assert "did not reboot" in operation.reason


def test_its_page_offers_a_hard_one_where_no_soft_one_helps(cast: factories.Cast, grant: UUID, client: Client) -> None:
    server = one(cast)
    Server.objects.filter(pk=server.pk).update(status="SHUTOFF")
    url = f"{HERE}{server.external_id}/reboot/"
    assert "Only a running server can be rebooted" in text(client, url)
    assert client.post(url, {"kind": "soft", "key": "k"}).status_code == 422
    assert client.post(url, {"kind": "hard", "key": "k"})["Location"].startswith(f"{HERE}{server.external_id}/?op=")
    assert Operation.objects.get().params == {"server_id": server.external_id, "kind": "hard"}
