"""Somebody changes a thing between the work of a worker that died and the look of the next one: what was done is told
as done, what was not is done, and what nobody knows is not told as nothing."""

from typing import Any

import pytest
import requests_mock
from django.utils import timezone

from projects.access import Visit
from projects.actions import ACTIONS
from projects.models import Operation, Role
from projects.operations import asking
from tests.operations_factory import die
from tests.unit import projects_fixtures as rows
from tests.unit.cinder_fake import Cinder, snapshot
from tests.unit.clouds_fake import FakeCloud
from tests.unit.clouds_l3 import L3, PUBLIC
from tests.unit.clouds_neutron import Neutron
from tests.unit.running import go

pytestmark = pytest.mark.django_db

State = Operation.State
GROUP = {"group_id": "web", "name": "www", "was_name": "web", "was_description": ""}
PORT = {"server_id": "server-1", "port_id": "port-1", "seen": ["ssh"], "group_ids": ["web"]}
EDITS = [
    ("edit-volume", {"volume_id": "volume-1", "name": "pg", "was_name": "data-1"}),
    ("edit-snapshot", {"snapshot_id": "snapshot-1", "name": "pg", "was_name": "data-1-1"}),
    ("edit-network", {"network_id": "network-1", "name": "shop", "was_name": "app-net"}),
    ("edit-security-group", GROUP),
]


@pytest.fixture
def cloud(requests_mock: requests_mock.Mocker) -> FakeCloud:
    cloud = FakeCloud(requests_mock)
    cloud.snapshots.append(snapshot(1))
    return cloud


@pytest.fixture
def l3(cloud: FakeCloud) -> L3:
    return L3(cloud)


@pytest.fixture
def cinder(cloud: FakeCloud) -> Cinder:
    return Cinder(cloud)


@pytest.fixture
def neutron(cloud: FakeCloud, l3: L3) -> Neutron:
    made = Neutron(cloud)
    for name in ("web", "ssh"):
        made.has_group(name)
    made.set_groups("port-1", "ssh")
    return made


@pytest.fixture
def visit(cloud: FakeCloud) -> Visit:
    tenant = rows.make_tenant(rows.make_location(cloud=cloud))
    user = rows.make_user()
    rows.make_member(user, tenant)
    rows.make_grant(user)
    return Visit(user, tenant, Role.MEMBER)


def row(cloud: FakeCloud, params: dict[str, Any]) -> dict[str, Any]:
    """Return what an edit is about, as the cloud has it."""
    things = (*cloud.volumes, *cloud.snapshots, *cloud.networks, *cloud.groups)
    return next(one for one in things if one["id"] in params.values())


def ask(visit: Visit, name: str, params: dict[str, Any]) -> Operation:
    """Asks for it, whatever the inventory says to it."""
    action = ACTIONS[name]
    wanted = action.params.model_validate(params)
    return asking.ask(visit, visit.user.grants.get().pk, action, wanted, checked=True)


def die_after(operation: Operation, key: str, **memory: Any) -> None:
    """Return the worker dies when the cloud has taken it on and that is noted."""
    now = timezone.now()
    die(operation, **memory, **{key: now.isoformat(), f"{key}_sent_at": now.isoformat()})
    Operation.objects.filter(pk=operation.pk).update(accepted_at=now)


@pytest.mark.usefixtures("cinder", "l3", "neutron")
@pytest.mark.parametrize(("name", "params"), EDITS)
def test_what_was_edited_again_was_edited_all_the_same(
    cloud: FakeCloud, visit: Visit, name: str, params: dict[str, Any]
) -> None:
    operation = ask(visit, name, params)
    die_after(operation, "write")
    row(cloud, params)["name"] = "theirs"
    assert go(operation).state == State.DONE
    assert "since" in operation.note
    assert row(cloud, params)["name"] == "theirs"


@pytest.mark.usefixtures("cinder", "l3", "neutron")
@pytest.mark.parametrize(("name", "params"), EDITS)
def test_an_edit_of_which_nobody_knows_does_not_say_that_it_did_nothing(
    cloud: FakeCloud, visit: Visit, name: str, params: dict[str, Any]
) -> None:
    operation = ask(visit, name, params)
    die(operation, write_sent_at=timezone.now().isoformat())
    row(cloud, params)["name"] = "theirs"
    assert (go(operation).state, operation.code) == (State.FAILED, "changed_meanwhile")
    assert "theirs" in operation.reason
    assert "Nothing was changed" not in operation.reason


@pytest.mark.parametrize(
    ("name", "params", "key", "theirs"),
    [
        ("set-router-gateway", {"router_id": "inner", "external_network_id": PUBLIC}, "set", ""),
        ("clear-router-gateway", {"router_id": "edge"}, "clear", PUBLIC),
        ("disassociate-floating-ip", {"floating_ip_id": "floating-5"}, "free", "port-2"),
    ],
)
def test_a_way_that_was_changed_again_is_not_fought_over(
    l3: L3, visit: Visit, name: str, params: dict[str, Any], key: str, theirs: str
) -> None:
    l3.has_router("edge", "subnet-1")
    l3.has_router("inner", outside=theirs)
    l3.has_floating_ip(5, theirs)
    operation = ask(visit, name, params)
    die_after(operation, key, was={"port_id": "port-1"} if key == "free" else "")
    l3.changes.clear()
    assert go(operation).state == State.DONE
    assert "since" in operation.note
    assert l3.changes == []


def test_groups_of_a_port_that_were_changed_again_were_set_all_the_same(neutron: Neutron, visit: Visit) -> None:
    operation = ask(visit, "set-port-groups", PORT)
    die_after(operation, "write", revision=neutron.port("port-1")["revision_number"])
    neutron.set_groups("port-1", "web")  # ours
    neutron.set_groups("port-1", "web", "ssh")
    assert go(operation).state == State.DONE
    assert "since" in operation.note
    assert neutron.changes == []


def test_a_rule_that_came_while_the_worker_was_dead_is_no_obstacle_for_a_name(neutron: Neutron, visit: Visit) -> None:
    operation = ask(visit, "edit-security-group", GROUP)
    die(operation, revision=1, write_sent_at=timezone.now().isoformat())
    neutron.group("web")["revision_number"] = 2
    assert go(operation).state == State.DONE
    assert neutron.group("web")["name"] == "www"
    assert neutron.changes == [("PUT", "/security-groups/web")]


def test_a_binding_that_came_while_the_worker_was_dead_is_no_obstacle_for_groups(
    neutron: Neutron, visit: Visit
) -> None:
    operation = ask(visit, "set-port-groups", PORT)
    die(operation, revision=neutron.port("port-1")["revision_number"], write_sent_at=timezone.now().isoformat())
    neutron.port("port-1")["revision_number"] += 1
    assert go(operation).state == State.DONE
    assert neutron.port("port-1")["security_groups"] == ["web"]
    assert neutron.changes == [("PUT", "/ports/port-1")]


@pytest.mark.parametrize(("name", "params"), [("edit-security-group", GROUP), ("set-port-groups", PORT)])
def test_what_may_have_been_taken_back_is_not_done_again_and_said_so(
    neutron: Neutron, visit: Visit, name: str, params: dict[str, Any]
) -> None:
    operation = ask(visit, name, params)
    die(operation, revision=1, write_sent_at=timezone.now().isoformat())
    neutron.group("web")["revision_number"] = neutron.port("port-1")["revision_number"] = 3
    assert (go(operation).state, operation.code) == (State.FAILED, "changed_meanwhile")
    assert "taken back" in operation.reason
    assert neutron.changes == []
