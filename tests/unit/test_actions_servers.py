"""Changes of a server: each ends in exactly one effect, wherever the worker dies, and is refused early in words."""

from typing import Any

import pytest
import requests_mock

from projects.access import Visit
from projects.actions import ACTIONS
from projects.models import Operation
from services.compute.models import Server
from tests.unit.clouds_fake import FakeCloud
from tests.unit.deaths import at_each_change
from tests.unit.nova_fake import Nova
from tests.unit.servers_cast import WEB, ask, go, inventory, member_of, taken_over

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
    "pause-server": ({"server_id": "server-1"}, {"pause": 1}, {"status": "PAUSED"}),
    "suspend-server": ({"server_id": "server-1"}, {"suspend": 1}, {"status": "SUSPENDED"}),
    "shelve-server": ({"server_id": "server-1"}, {"shelve": 1}, {"status": "SHELVED_OFFLOADED"}),
    "rescue-server": ({"server_id": "server-1"}, {"rescue": 1}, {"status": "RESCUE"}),
    "rebuild-server": ({"server_id": "server-1", "image_id": "image-1"}, {"rebuild": 1}, {"status": "ACTIVE"}),
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
    """Return the cloud did it so often, and the inventory shows what came of it."""
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
