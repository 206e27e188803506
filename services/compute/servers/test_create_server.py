"""A new server is what was asked for; its user data goes by the vault; what does not fit is refused at its field."""

from typing import Any

import pytest

from portal.ui.commands import line
from projects.access import Visit
from projects.actions import ACTIONS
from projects.actions import private_text as kept
from projects.models import Limit, Operation
from projects.operations import asking, turn
from services.block_storage.models import Volume
from services.compute.servers import choices
from services.network.models import Network, SecurityGroup
from services.openstack.words import Measure
from tests.unit.clouds_fake import NOVA
from tests.unit.nova_fake import TASK, Nova
from tests.unit.servers_cast import WEB, ask, go, make, refused

pytestmark = pytest.mark.django_db

State = Operation.State


def body(nova: Nova) -> dict[str, Any]:
    """Return what nova was asked for."""
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
    turn.turn(operation.pk)
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


def test_what_it_is_as_a_command_and_as_terraform(visit: Visit) -> None:
    action = ACTIONS["create-server"]
    params = action.params.model_validate({**WEB, "key_name": "laptop", "volume_gb": 20, "user_data": "x"})
    names = asking.names_of(visit.tenant, [*action.things(params), *action.also_named(params)])
    (command,) = action.commands(params, names)
    assert line((), command) == (
        "server create --flavor=m1.medium --image='Debian 13' --boot-from-volume=20 --network=app-net "
        "--security-group=default --key-name=laptop --user-data=user-data.txt web-03"
    )
    terraform = action.terraform(visit.tenant, params, names)
    assert terraform.startswith('resource "openstack_compute_instance_v2" "web-03" {')
    for part in ('file("user-data.txt")', 'uuid = "network-1"', "volume_size", "boot_index"):
        assert part in terraform


def test_a_network_without_port_security_takes_no_security_groups(nova: Nova, visit: Visit) -> None:
    Network.objects.filter(tenant=visit.tenant, external_id="network-1").update(port_security=False)
    assert "Port security is off" in refused(visit, "create-server", **WEB)["security_group_ids"]
    assert go(ask(visit, "create-server", **{**WEB, "security_group_ids": []})).state == State.DONE
    groups = choices.groups(visit.tenant)
    assert choices.default_groups(visit.tenant, groups, []) == ["group-1"]
    assert choices.default_groups(visit.tenant, groups, ["network-1"]) == []


def test_a_server_begins_with_the_default_of_its_own_project(nova: Nova, visit: Visit) -> None:
    mine = SecurityGroup.objects.get(tenant=visit.tenant, name="default")
    make(visit.tenant, SecurityGroup, "theirs", name="default", owned=False)
    groups = choices.groups(visit.tenant)
    assert {key for key, _card in groups} >= {mine.external_id, "theirs"}
    assert choices.default_groups(visit.tenant, groups, []) == [mine.external_id]
