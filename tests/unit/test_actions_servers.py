"""Changes of a server: each ends in exactly one effect, wherever the worker dies, and is refused early in words."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import requests_mock
from django.utils import timezone

from projects.access import Visit
from projects.actions import ACTIONS
from projects.actions import user_data as kept
from projects.models import (
    Flavor,
    FloatingIP,
    Image,
    Limit,
    Measure,
    Network,
    Operation,
    Role,
    SecurityGroup,
    Server,
    Subnet,
    Tenant,
    Volume,
    Zone,
)
from projects.operations import asking, claims, run
from projects.operations.asking import RefusedError
from tests.unit import projects_fixtures as rows
from tests.unit.clouds_fake import CINDER, NEUTRON, NOVA, FakeCloud
from tests.unit.nova_fake import TASK, Killed, Nova

pytestmark = pytest.mark.django_db

State = Operation.State


@pytest.fixture
def cloud(requests_mock: requests_mock.Mocker) -> FakeCloud:
    return FakeCloud(requests_mock)


@pytest.fixture
def nova(cloud: FakeCloud) -> Nova:
    return Nova(cloud)


def make(tenant: Tenant, model: Any, external_id: str, **fields: Any) -> Any:
    """A row of the inventory."""
    now = timezone.now()
    values = {"name": external_id, "first_seen_at": now, "changed_at": now, **fields}
    return model.objects.create(tenant=tenant, external_id=external_id, **values)


@pytest.fixture
def tenant(cloud: FakeCloud) -> Tenant:
    """What the fake cloud has, as a refresh would have written it."""
    tenant = rows.make_tenant(rows.make_location(cloud=cloud))
    shape = {"flavor_name": "m1.medium", "vcpus": 2, "ram_mb": 8192, "disk_gb": 40, "image_id": "image-1"}
    make(tenant, Server, "server-1", name="web-01", status="ACTIVE", **shape)
    make(tenant, Server, "server-2", name="web-02", status="SHUTOFF", **shape)
    make(tenant, Flavor, "flavor-0", name="m1.tiny", vcpus=1, ram_mb=512, disk_gb=1)
    make(tenant, Flavor, "flavor-1", name="m1.medium", vcpus=2, ram_mb=8192, disk_gb=40)
    make(tenant, Flavor, "flavor-2", name="m1.large", vcpus=4, ram_mb=16384, disk_gb=80)
    make(tenant, Flavor, "flavor-3", name="v1.diskless", vcpus=1, ram_mb=2048, disk_gb=0)
    debian = {"status": "active", "visibility": "public", "min_disk_gb": 3, "min_ram_mb": 1024}
    make(tenant, Image, "image-1", name="Debian 13", size_bytes=2 * 2**30, **debian)
    make(tenant, Network, "network-1", name="app-net", status="ACTIVE")
    make(tenant, Network, "network-2", name="empty-net", status="ACTIVE")
    make(tenant, Network, "network-3", name="internet", status="ACTIVE", owned=False, external=True)
    make(tenant, Subnet, "subnet-1", network_id="network-1", cidr="10.0.4.0/24")
    make(tenant, SecurityGroup, "group-1", name="default")
    make(tenant, Zone, "zone-a", service="compute")
    for measure, used, allowed in ((Measure.VCPUS, 4, 8), (Measure.RAM_MB, 16384, 51200), (Measure.SERVERS, 2, 10)):
        Limit.objects.create(tenant=tenant, measure=measure, used=used, allowed=allowed)
    return tenant


@pytest.fixture
def visit(tenant: Tenant) -> Visit:
    user = rows.make_user()
    rows.make_member(user, tenant)
    rows.make_grant(user)
    return Visit(user, tenant, Role.MEMBER)


WEB: dict[str, Any] = {
    "name": "web-03",
    "flavor_id": "flavor-1",
    "image_id": "image-1",
    "network_ids": ["network-1"],
    "security_group_ids": ["group-1"],
}


def ask(visit: Visit, verb: str, /, **params: Any) -> Operation:
    """What a button or a form does."""
    action = ACTIONS[verb]
    grant = visit.user.grants.get().pk
    return asking.ask(visit, grant, action, action.params.model_validate(params))


def refused(visit: Visit, verb: str, /, **params: Any) -> dict[str, str]:
    """The refusals by field. Fails when it is not refused."""
    with pytest.raises(RefusedError) as caught:
        ask(visit, verb, **params)
    said: dict[str, str] = {}
    for refusal in caught.value.refusals:
        said[refusal.field] = f"{said.get(refusal.field, '')} {refusal.reason}".replace("\xa0", " ").strip()
    return said


def go(operation: Operation, turns: int = 30) -> Operation:
    """What workers do, without the waiting. A worker that dies is followed by another when its claim has ended."""
    for _ in range(turns):
        Operation.objects.filter(pk=operation.pk).update(next_at=timezone.now())
        try:
            if run.turn(operation.pk) is None:
                break
        except Killed:
            later(operation, max(claims.LEASE, run.SETTLE).total_seconds() + 1)
    operation.refresh_from_db()
    return operation


def later(operation: Operation, seconds: float) -> None:
    """Time passes for what the operation remembers, and for its claim."""
    operation.refresh_from_db()
    ago = timedelta(seconds=seconds)
    memory = {key: _earlier(value, ago) for key, value in operation.memory.items()}
    claimed_at = operation.claimed_at - ago if operation.claimed_at else None
    Operation.objects.filter(pk=operation.pk).update(memory=memory, claimed_at=claimed_at)


def _earlier(value: Any, ago: timedelta) -> Any:
    try:
        return (datetime.fromisoformat(value) - ago).isoformat()
    except (TypeError, ValueError):
        return value


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


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("verb", VERBS)
def test_wherever_the_worker_dies_there_is_one_effect(
    cloud: FakeCloud, visit: Visit, requests_mock: requests_mock.Mocker, verb: str, when: str
) -> None:
    params, effects, seen = VERBS[verb]
    deaths = 0
    for number in range(1, 40):
        cloud = FakeCloud(requests_mock)
        nova = Nova(cloud)
        Operation.objects.update(state=State.DONE)
        restore(visit.tenant)
        nova.kill(number, when)
        operation = go(ask(visit, verb, **params))
        one_effect(nova, operation, effects, seen)
        if nova.requests < number:
            break
        deaths += operation.attempts > 1
    assert deaths >= 2


def restore(tenant: Tenant) -> None:
    """The inventory before the change."""
    Server.objects.filter(tenant=tenant).delete()
    shape = {"flavor_name": "m1.medium", "vcpus": 2, "ram_mb": 8192, "disk_gb": 40, "image_id": "image-1"}
    make(tenant, Server, "server-1", name="web-01", status="ACTIVE", **shape)
    make(tenant, Server, "server-2", name="web-02", status="SHUTOFF", **shape)


def waiting_for_a_decision(nova: Nova, visit: Visit) -> None:
    """server-1, resized."""
    go(ask(visit, "resize-server", server_id="server-1", flavor_id="flavor-2"))
    nova.requests = 0


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(
    ("verb", "sent", "flavor"),
    [("confirm-resize", "confirmResize", "m1.large"), ("revert-resize", "revertResize", "m1.medium")],
)
def test_a_resize_is_decided_once_wherever_the_worker_dies(
    requests_mock: requests_mock.Mocker, visit: Visit, verb: str, sent: str, flavor: str, when: str
) -> None:
    for number in range(1, 40):
        nova = Nova(FakeCloud(requests_mock))
        restore(visit.tenant)
        waiting_for_a_decision(nova, visit)
        nova.kill(number, when)
        operation = go(ask(visit, verb, server_id="server-1"))
        assert operation.state == State.DONE, operation.reason
        assert nova.did(sent) == 1
        assert Server.objects.get(external_id="server-1").flavor_name == flavor
        if nova.requests < number:
            return
    pytest.fail("it never came to an end")


def test_a_resize_that_was_reverted_meanwhile_is_not_confirmed(nova: Nova, visit: Visit) -> None:
    waiting_for_a_decision(nova, visit)
    operation = ask(visit, "confirm-resize", server_id="server-1")
    run.turn(operation.pk)
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
    run.turn(first.pk)
    run.turn(second.pk)
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


def test_a_start_that_the_cloud_gave_up_fails(nova: Nova, visit: Visit) -> None:
    operation = ask(visit, "start-server", server_id="server-2")
    run.turn(operation.pk)
    nova.ends.clear()
    nova.row("server-2").update(status="SHUTOFF", **{TASK: None})
    nova.record["server-2"][0] |= {"message": "Error"}
    go(operation)
    assert operation.state == State.FAILED
    assert "did not start" in operation.reason
    assert nova.did("os-start") == 1


def test_a_server_that_was_stopped_again_was_started_all_the_same(nova: Nova, visit: Visit) -> None:
    operation = ask(visit, "start-server", server_id="server-2")
    run.turn(operation.pk)
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


# Creating -----------------------------------------------------------------------------------------------------------


def body(nova: Nova) -> dict[str, Any]:
    """What nova was asked for."""
    sent = [one for one in nova.cloud.mock.request_history if one.url == f"{NOVA}/servers" and one.method == "POST"]
    wanted: dict[str, Any] = sent[-1].json()["server"]
    return wanted


def test_a_server_is_what_was_asked_for(nova: Nova, visit: Visit) -> None:
    operation = go(ask(visit, "create-server", **WEB, key_name="laptop", zone="zone-a"))
    wanted = body(nova)
    assert wanted == {
        "name": "web-03",
        "flavorRef": "flavor-1",
        "imageRef": "image-1",
        "metadata": {"meshdeck-operation": operation.pk},
        "networks": [{"uuid": "network-1"}],
        "security_groups": [{"name": "group-1"}],
        "key_name": "laptop",
        "availability_zone": "zone-a",
    }


@pytest.mark.parametrize(
    ("boots", "device"),
    [
        (
            {"image_id": "image-1", "volume_gb": 20},
            {"source_type": "image", "uuid": "image-1", "volume_size": 20, "delete_on_termination": False},
        ),
        (
            {"volume_id": "volume-9", "keep_volume": False},
            {"source_type": "volume", "uuid": "volume-9", "delete_on_termination": True},
        ),
    ],
)
def test_it_boots_from_a_volume(nova: Nova, visit: Visit, boots: dict[str, Any], device: dict[str, Any]) -> None:
    make(visit.tenant, Volume, "volume-9", status="available", size_gb=20, bootable=True)
    go(ask(visit, "create-server", **{**WEB, "image_id": "", **boots}))
    wanted = body(nova)
    assert "imageRef" not in wanted
    assert wanted["block_device_mapping_v2"] == [{"boot_index": 0, "destination_type": "volume", **device}]


def test_a_server_that_could_not_be_built_fails_with_the_clouds_words(nova: Nova, visit: Visit) -> None:
    operation = ask(visit, "create-server", **WEB)
    run.turn(operation.pk)
    nova.ends.clear()
    row = nova.row(operation.targets.get(kind="server").external_id)
    row.update(status="ERROR", fault={"code": 500, "message": "No valid host was found."}, **{TASK: None})
    go(operation)
    assert (operation.state, operation.code) == (State.FAILED, "not_built")
    assert operation.detail == "No valid host was found."
    assert operation.note == "The server web-03 was made and is kept."


def test_user_data_arrives_and_is_then_forgotten(nova: Nova, visit: Visit, redis: Any) -> None:
    secret = "#!/bin/sh\necho hunter2-password\n"
    name = kept.name_of(visit.user.pk, "form-1", secret)
    kept.keep(visit.user.grants.get().pk, name, secret)
    assert not any(b"hunter2" in redis.dump(key) for key in redis.scan_iter())
    operation = go(ask(visit, "create-server", **WEB, user_data=name))
    assert body(nova)["user_data"] == "IyEvYmluL3NoCmVjaG8gaHVudGVyMi1wYXNzd29yZAo="
    assert operation.state == State.DONE
    assert kept.recall(name) is None
    assert "hunter2" not in str(Operation.objects.filter(pk=operation.pk).values())


def test_user_data_that_is_gone_fails_before_anything_is_made(nova: Nova, visit: Visit) -> None:
    operation = go(ask(visit, "create-server", **WEB, user_data="gone"))
    assert (operation.state, operation.code) == (State.FAILED, "user_data_gone")
    assert "30 minutes" in operation.reason
    assert nova.did("create") == 0


def test_user_data_has_the_same_name_in_the_same_form_only() -> None:
    assert kept.name_of(1, "form-1", "x") == kept.name_of(1, "form-1", "x")
    names = {kept.name_of(user, key, text) for user in (1, 2) for key in ("form-1", "form-2") for text in ("x", "y")}
    assert len(names) == 8


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"flavor_id": "nope"}, "flavor_id", "no such flavor"),
        ({"image_id": "nope"}, "image_id", "no such image"),
        ({"image_id": ""}, "image_id", "boots from one thing"),
        ({"volume_id": "volume-1"}, "image_id", "boots from one thing"),
        ({"flavor_id": "flavor-0"}, "flavor_id", "Debian 13 needs 1 GB of memory, m1.tiny has 512 MB."),
        ({"flavor_id": "flavor-3"}, "flavor_id", "no disk of its own"),
        ({"volume_gb": 2}, "volume_gb", "needs at least 3 GB"),
        ({"network_ids": ["nope"]}, "network_ids", "no such network"),
        ({"network_ids": ["network-2"]}, "network_ids", "has no subnet"),
        ({"network_ids": ["network-3"]}, "network_ids", "leads outside"),
        ({"security_group_ids": ["nope"]}, "security_group_ids", "no such security group"),
        ({"zone": "zone-z"}, "zone", "There is zone-a"),
        ({"name": "web\n01"}, "name", "no line breaks"),
    ],
)
def test_what_the_cloud_would_refuse_is_refused_at_its_field(
    visit: Visit, changes: dict[str, Any], field: str, words: str
) -> None:
    said = refused(visit, "create-server", **{**WEB, **changes})
    assert words in said[field]


def test_more_than_is_left_is_refused_with_figures(visit: Visit) -> None:
    Limit.objects.filter(measure=Measure.VCPUS).update(used=7)
    Limit.objects.filter(measure=Measure.SERVERS).update(used=10)
    said = refused(visit, "create-server", **WEB)
    assert "atlas has 1 of 8 left in north" in said["flavor_id"]
    assert "all 10 are in use" in said["name"]


def test_a_flavor_without_a_disk_boots_from_a_volume(nova: Nova, visit: Visit) -> None:
    assert go(ask(visit, "create-server", **{**WEB, "flavor_id": "flavor-3", "volume_gb": 10})).state == State.DONE


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


# Deleting -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def rich(nova: Nova, visit: Visit) -> Nova:
    """server-1 has a volume and a floating IP."""
    nova.cloud.volumes[0].update(status="in-use", attachments=[{"server_id": "server-1", "device": "/dev/vdb"}])
    nova.row()["os-extended-volumes:volumes_attached"] = [{"id": "volume-1", "delete_on_termination": False}]
    address = {
        "id": "address-1",
        "floating_ip_address": "198.51.100.7",
        "floating_network_id": "network-3",
        "port_id": "port-1",
        "status": "ACTIVE",
    }
    nova.cloud.floating_ips.append(address)
    make(visit.tenant, FloatingIP, "address-1", address="198.51.100.7", status="ACTIVE", server_id="server-1")
    make(visit.tenant, Volume, "volume-1", name="data-1", status="in-use", size_gb=20)

    def show(request: Any, context: Any) -> Any:
        if address not in nova.cloud.floating_ips:
            context.status_code = 404
        return nova._answer({"floatingip": address})

    def release(request: Any, context: Any) -> str:
        if address not in nova.cloud.floating_ips:
            context.status_code = 404
            return ""
        nova.cloud.floating_ips.remove(address)
        nova.done.append(("release", "address-1"))
        return str(nova._answer(""))

    nova.cloud.mock.get(f"{CINDER}/volumes/volume-1", json=lambda *_: nova._answer({"volume": nova.cloud.volumes[0]}))
    nova.cloud.mock.get(f"{NEUTRON}/v2.0/floatingips/address-1", json=show)
    nova.cloud.mock.delete(f"{NEUTRON}/v2.0/floatingips/address-1", text=release, status_code=204)
    nova.cloud.mock.register_uri(requests_mock.ANY, requests_mock.ANY, additional_matcher=nova._sent)
    nova.requests = 0
    return nova


def test_a_deleted_server_leaves_its_volume_and_its_address(rich: Nova, visit: Visit) -> None:
    operation = go(ask(visit, "delete-server", server_id="server-1"))
    assert operation.state == State.DONE
    assert Volume.objects.get(external_id="volume-1").status == "available"
    assert rich.did("release") == 0
    assert FloatingIP.objects.filter(external_id="address-1").exists()


def test_its_address_is_released_with_it_where_that_was_asked_for(rich: Nova, visit: Visit) -> None:
    operation = ask(visit, "delete-server", server_id="server-1", floating_ip_ids=["address-1"])
    assert operation.names["address-1"] == "198.51.100.7"
    go(operation)
    assert operation.state == State.DONE
    assert rich.did("release") == 1
    assert not FloatingIP.objects.filter(external_id="address-1").exists()


def test_an_address_that_leads_elsewhere_by_now_is_kept(rich: Nova, visit: Visit) -> None:
    operation = ask(visit, "delete-server", server_id="server-1", floating_ip_ids=["address-1"])
    run.turn(operation.pk)
    rich._gone(rich.row())
    rich.cloud.floating_ips[0]["port_id"] = "port-of-another"
    go(operation)
    assert operation.state == State.DONE
    assert "198.51.100.7 leads elsewhere" in operation.note
    assert rich.did("release") == 0


def test_what_is_gone_already_is_deleted(nova: Nova, visit: Visit) -> None:
    operation = ask(visit, "delete-server", server_id="server-1")
    nova.cloud.servers.remove(nova.row())
    assert go(operation).state == State.DONE
    assert nova.did("delete") == 0


def test_a_server_that_the_cloud_does_not_delete_fails(nova: Nova, visit: Visit) -> None:
    operation = ask(visit, "delete-server", server_id="server-1")
    run.turn(operation.pk)
    nova.ends.clear()
    nova.row().update(status="ERROR", fault={"code": 500, "message": "it hangs"}, **{TASK: None})
    nova.record["server-1"][0] |= {"message": "Error"}
    go(operation)
    assert (operation.state, operation.detail) == (State.FAILED, "it hangs")
    assert nova.did("delete") == 1


def test_an_image_that_the_cloud_could_not_save_fails(nova: Nova, visit: Visit) -> None:
    operation = ask(visit, "create-image", server_id="server-1", name="golden")
    run.turn(operation.pk)
    nova.ends.clear()
    nova.row()[TASK] = None
    nova.images.clear()  # nova deletes what it could not fill
    go(operation)
    assert (operation.state, operation.code) == (State.FAILED, "not_saved")
    assert not Image.objects.filter(name="golden").exists()


def test_what_it_is_as_a_command_and_as_terraform(visit: Visit) -> None:
    action = ACTIONS["create-server"]
    params = action.params.model_validate({**WEB, "key_name": "laptop", "volume_gb": 20, "user_data": "x"})
    names = asking.names_of(visit.tenant, [*action.things(params), *action.also_named(params)])
    (command,) = action.commands(params, names)
    said = " ".join(word for part in command for word in part)
    assert said == (
        "server create --flavor m1.medium --image Debian 13 --boot-from-volume 20 --network app-net "
        "--security-group default --key-name laptop --user-data user-data.txt web-03"
    )
    terraform = action.terraform(visit.tenant, params, names)
    assert terraform.startswith('resource "openstack_compute_instance_v2" "web-03" {')
    for line in ('file("user-data.txt")', 'uuid = "network-1"', "volume_size", "boot_index"):
        assert line in terraform
