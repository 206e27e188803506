"""Changes of a server: each ends in exactly one effect, wherever the worker dies, and is refused early in words."""

from typing import Any

import pytest
import requests_mock
from django.utils import timezone

from projects.access import Visit
from projects.actions import ACTIONS
from projects.models import Limit, Operation
from projects.operations import sending, turn
from services.compute.models import Server
from services.images.models import Image
from services.openstack.words import Measure
from tests.unit.clouds_fake import FakeCloud
from tests.unit.deaths import at_each_change
from tests.unit.nova_fake import TASK, Nova
from tests.unit.servers_cast import WEB, ask, go, inventory, member_of, refused, taken_over

pytestmark = pytest.mark.django_db

State = Operation.State


@pytest.fixture
def nova(requests_mock: requests_mock.Mocker) -> Nova:
    return Nova(FakeCloud(requests_mock))


@pytest.fixture
def visit(nova: Nova) -> Visit:
    return member_of(inventory(nova.cloud))


# Each verb with what it needs, and what has to be true afterwards: how often which change was made, and the server.
VERBS: dict[str, tuple[dict[str, Any], dict[str, int], dict[str, Any]]] = {
    "start-server": ({"server_id": "server-2"}, {"os-start": 1}, {"status": "ACTIVE"}),
    "stop-server": ({"server_id": "server-1"}, {"os-stop": 1}, {"status": "SHUTOFF"}),
    "reboot-server": ({"server_id": "server-1"}, {"reboot": 1}, {"status": "ACTIVE"}),
    "rename-server": ({"server_id": "server-1", "name": "db-01"}, {"rename": 1}, {"name": "db-01"}),
    "lock-server": ({"server_id": "server-1"}, {"lock": 1}, {"locked": True}),
    "resize-server": (
        {"server_id": "server-1", "flavor_id": "flavor-2"},
        {"resize": 1},
        {"status": "VERIFY_RESIZE", "flavor_name": "m1.large", "vcpus": 4},
    ),
    "create-image": ({"server_id": "server-1", "name": "golden"}, {"createImage": 1}, {"status": "ACTIVE"}),
    "create-server": (WEB, {"create": 1}, {"status": "ACTIVE"}),
    "delete-server": ({"server_id": "server-1"}, {"delete": 1}, {}),
}


def one_effect(nova: Nova, operation: Operation, effects: dict[str, int], seen: dict[str, Any]) -> None:
    """The cloud did it so often, and the inventory shows what came of it."""
    assert operation.state == State.DONE, (operation.reason, operation.detail, operation.note)
    assert {verb: nova.did(verb) for verb in effects} == effects
    server = operation.targets.get(kind="server")
    if seen:
        shown = Server.objects.filter(external_id=server.external_id).values(*seen).get()
        assert shown == seen
    else:
        assert not Server.objects.filter(external_id=server.external_id).exists()


@pytest.mark.parametrize("verb", VERBS)
def test_it_is_done_once_and_shown(nova: Nova, visit: Visit, verb: str) -> None:
    params, effects, seen = VERBS[verb]
    operation = go(ask(visit, verb, **params))
    one_effect(nova, operation, effects, seen)
    assert operation.accepted_at is not None
    action = ACTIONS[verb]
    steps = action.steps(action.params.model_validate(params), operation.names)
    assert [step["key"] for step in operation.steps] == [step.key for step in steps]
    assert all(step["ended"] for step in operation.steps)


@pytest.mark.parametrize("verb", VERBS)
def test_wherever_the_worker_dies_there_is_one_effect(nova: Nova, visit: Visit, verb: str) -> None:
    params, effects, seen = VERBS[verb]
    operation = ask(visit, verb, **params)
    with at_each_change(nova, lambda: one_effect(nova, go(taken_over(operation)), effects, seen)) as deaths:
        go(operation)
    one_effect(nova, operation, effects, seen)
    assert len(deaths) >= 2


def waiting_for_a_decision(nova: Nova, visit: Visit) -> None:
    """server-1, resized."""
    go(ask(visit, "resize-server", server_id="server-1", flavor_id="flavor-2"))
    nova.requests = 0


@pytest.mark.parametrize(
    ("verb", "sent", "flavor"),
    [("confirm-resize", "confirmResize", "m1.large"), ("revert-resize", "revertResize", "m1.medium")],
)
def test_a_resize_is_decided_once_wherever_the_worker_dies(
    nova: Nova, visit: Visit, verb: str, sent: str, flavor: str
) -> None:
    waiting_for_a_decision(nova, visit)
    operation = ask(visit, verb, server_id="server-1")

    def judge(operation: Operation) -> None:
        assert operation.state == State.DONE, operation.reason
        assert nova.did(sent) == 1
        assert Server.objects.get(external_id="server-1").flavor_name == flavor

    with at_each_change(nova, lambda: judge(go(taken_over(operation)))) as deaths:
        go(operation)
    judge(operation)
    assert len(deaths) >= 2


def test_a_resize_that_was_reverted_meanwhile_is_not_confirmed(nova: Nova, visit: Visit) -> None:
    waiting_for_a_decision(nova, visit)
    operation = ask(visit, "confirm-resize", server_id="server-1")
    turn.turn(operation.pk)
    nova.row().update(status="ACTIVE", flavor=nova.row()["was"], **{TASK: None})
    nova.ends.clear()
    go(operation)
    assert (operation.state, operation.code) == (State.FAILED, "changed_meanwhile")
    assert "reverted" in operation.reason


def test_undo_of_a_resize_is_its_revert(nova: Nova, visit: Visit) -> None:
    operation = go(ask(visit, "resize-server", server_id="server-1", flavor_id="flavor-2"))
    assert "confirm" in operation.note
    back = ACTIONS["resize-server"].undo(operation, ACTIONS["resize-server"].params.model_validate(operation.params))
    assert back is not None
    go(ask(visit, back.action, **back.params))
    assert Server.objects.get(external_id="server-1").flavor_name == "m1.medium"


@pytest.mark.parametrize(
    ("verb", "params", "back"),
    [
        ("start-server", {"server_id": "server-2"}, ("stop-server", {"server_id": "server-2"})),
        ("stop-server", {"server_id": "server-1"}, ("start-server", {"server_id": "server-1"})),
        ("lock-server", {"server_id": "server-1"}, ("unlock-server", {"server_id": "server-1"})),
        (
            "rename-server",
            {"server_id": "server-1", "name": "db-01"},
            ("rename-server", {"server_id": "server-1", "name": "web-01", "was_name": "db-01"}),
        ),
    ],
)
def test_what_can_be_undone(
    nova: Nova, visit: Visit, verb: str, params: dict[str, Any], back: tuple[str, dict[str, Any]]
) -> None:
    before = {key: nova.row(params["server_id"])[key] for key in ("status", "name", "locked")}
    operation = go(ask(visit, verb, **params))
    action = ACTIONS[verb]
    undo = action.undo(operation, action.params.model_validate(operation.params))
    assert undo is not None
    assert (undo.action, dict(undo.params)) == back
    assert go(ask(visit, undo.action, **undo.params)).state == State.DONE
    assert {key: nova.row(params["server_id"])[key] for key in before} == before


def test_a_server_that_somebody_else_started_needs_no_second_start(nova: Nova, visit: Visit) -> None:
    operation = ask(visit, "start-server", server_id="server-2")
    nova.row("server-2")["status"] = "ACTIVE"
    assert go(operation).state == State.DONE
    assert nova.did("os-start") == 0


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


def test_a_rename_overwrites_nobody(nova: Nova, visit: Visit) -> None:
    operation = ask(visit, "rename-server", server_id="server-1", name="db-01", was_name="web-01")
    nova.row()["name"] = "cache-01"
    go(operation)
    assert (operation.state, operation.code) == (State.FAILED, "changed_meanwhile")
    assert "cache-01" in operation.reason
    assert nova.did("rename") == 0


def test_an_image_that_the_cloud_could_not_save_fails(nova: Nova, visit: Visit) -> None:
    operation = ask(visit, "create-image", server_id="server-1", name="golden")
    turn.turn(operation.pk)
    nova.ends.clear()
    nova.row()[TASK] = None
    nova.images.clear()  # nova deletes what it could not fill
    go(operation)
    assert (operation.state, operation.code) == (State.FAILED, "not_saved")
    assert not Image.objects.filter(name="golden").exists()


# Wrong states -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("verb", "server", "params", "words"),
    [
        ("start-server", {}, {}, "Only a stopped server"),
        ("stop-server", {"status": "SHUTOFF"}, {}, "Only a running server"),
        ("stop-server", {"locked": True}, {}, "locked"),
        ("stop-server", {"task_state": "resize_prep"}, {}, "at work (resize prep)"),
        ("stop-server", {"status": "VERIFY_RESIZE"}, {}, "confirm or revert"),
        ("reboot-server", {"status": "SHUTOFF"}, {}, "hard reboot"),
        ("resize-server", {"status": "PAUSED"}, {"flavor_id": "flavor-2"}, "running or stopped"),
        ("confirm-resize", {}, {}, "No resize waits"),
        ("revert-resize", {}, {}, "No resize waits"),
        ("create-image", {"status": "ERROR"}, {"name": "x"}, "saved as an image"),
        ("delete-server", {"locked": True}, {}, "locked"),
        ("lock-server", {"locked": True}, {}, "locked already"),
        ("unlock-server", {}, {}, "not locked"),
    ],
)
def test_a_server_that_is_not_ready_for_it_is_refused_with_the_reason(
    visit: Visit, verb: str, server: dict[str, Any], params: dict[str, Any], words: str
) -> None:
    Server.objects.filter(external_id="server-1").update(**server)
    assert words in refused(visit, verb, server_id="server-1", **params)["server_id"]


@pytest.mark.parametrize("verb", [name for name in VERBS if name != "create-server"])
def test_a_server_that_is_not_there_is_refused(visit: Visit, verb: str) -> None:
    params = {**VERBS[verb][0], "server_id": "nope"}
    assert "no such server" in refused(visit, verb, **params)["server_id"]


@pytest.mark.parametrize(
    ("flavor", "words"),
    [
        ("flavor-1", "has this flavor already"),
        ("flavor-0", "A disk can't shrink"),
        ("nope", "no such flavor"),
    ],
)
def test_a_flavor_that_does_not_fit_is_refused(visit: Visit, flavor: str, words: str) -> None:
    assert words in refused(visit, "resize-server", server_id="server-1", flavor_id=flavor)["flavor_id"]


def test_a_resize_takes_only_what_it_adds(visit: Visit) -> None:
    action = ACTIONS["resize-server"]
    params = action.params.model_validate({"server_id": "server-1", "flavor_id": "flavor-2"})
    assert action.costs(visit.tenant, params) == {Measure.VCPUS: 2, Measure.RAM_MB: 8192}
    Limit.objects.filter(measure=Measure.VCPUS).update(used=7)
    assert "1 of 8 left" in refused(visit, "resize-server", server_id="server-1", flavor_id="flavor-2")["flavor_id"]
