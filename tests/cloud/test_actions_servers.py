"""Servers and key pairs changed by the real engine on a real cloud, checked with openstacksdk."""

from collections.abc import Iterator
from typing import Any

import pytest
from openstack.exceptions import NotFoundException

from projects.actions import ACTIONS
from projects.actions import private_text as user_data
from projects.fetching import asking as fetching
from projects.fetching import fetching as fetching_run
from projects.fetching.asking import Wanted
from projects.models import Operation
from projects.operations import asking
from services.block_storage.models import Volume
from services.compute.key_pairs import create_key_pair_page as key_pair_create
from services.compute.models import Flavor, KeyPair, Server
from services.images.models import Image
from services.network.models import FloatingIP, SecurityGroup
from tests.cloud.conftest import Devcloud
from tests.cloud.marks import CLOUD
from tests.cloud.own_tenant import Here, Project, enter, own_project
from tests.support.issuer import Issuer

pytestmark = [*CLOUD, pytest.mark.django_db]

MARK = "meshdeck-operation"


@pytest.fixture(scope="module")
def project(devcloud: Devcloud) -> Iterator[Project]:
    with own_project(devcloud) as project:
        yield project


@pytest.fixture(scope="module")
def made(project: Project) -> Any:
    """Provide an existing server, for tests that leave it running."""
    sdk = project.sdk
    server = sdk.compute.create_server(
        name="there",
        flavor_id=sdk.compute.find_flavor("m1.tiny").id,
        image_id=sdk.image.find_image("cirros-0.6").id,
        networks=[{"uuid": project.network_id}],
    )
    return sdk.compute.wait_for_server(server, interval=0.3)


@pytest.fixture
def here(devcloud: Devcloud, issuer: Issuer, project: Project, made: Any) -> Here:
    return enter(devcloud, issuer, project)


def flavor(here: Here, name: str) -> str:
    return Flavor.objects.get(tenant=here.tenant, name=name).external_id


def image(here: Here) -> str:
    return Image.objects.get(tenant=here.tenant, name="cirros-0.6").external_id


def wanted(here: Here, name: str, **more: Any) -> dict[str, Any]:
    network = {"network_ids": [here.project.network_id]}
    return {"name": name, "flavor_id": flavor(here, "m1.tiny"), "image_id": image(here), **network, **more}


def server_of(operation: Operation) -> str:
    return str(operation.targets.get(kind="server").external_id)


def actions(here: Here, server_id: str) -> list[str]:
    """Return the cloud's own record of actions, oldest first."""
    return [one.action for one in reversed(list(here.project.sdk.compute.server_actions(server_id)))]


def row(here: Here, server_id: str) -> Server:
    return Server.objects.get(tenant=here.tenant, external_id=server_id)


def test_a_server_is_made_of_all_that_was_asked_for(here: Here) -> None:
    sdk = here.project.sdk
    private, public = key_pair_create.make("made here")
    here.do("import-key-pair", name="made here", public_key=public)
    mine = KeyPair.objects.get(tenant=here.tenant, name="made here")
    assert mine.fingerprint
    assert b"OPENSSH PRIVATE KEY" in private
    group = SecurityGroup.objects.get(tenant=here.tenant, name="default").external_id
    text = "#!/bin/sh\necho hello\n"
    name = user_data.name_of(here.visit.user.pk, "form", text)
    user_data.keep(here.grant, name, text)

    operation = here.do(
        "create-server",
        **wanted(here, "web-01", security_group_ids=[group], key_name="made here", zone="nova", user_data=name),
    )

    server_id = server_of(operation)
    server = sdk.compute.get_server(server_id)
    assert server.status == "ACTIVE"
    assert server.name == "web-01"
    assert server.metadata == {MARK: operation.pk}
    assert server.flavor["original_name"] == "m1.tiny"
    assert server.key_name == "made here"
    assert [one["name"] for one in server.security_groups] == ["default"]
    assert server.user_data == "IyEvYmluL3NoCmVjaG8gaGVsbG8K"
    assert [port.network_id for port in sdk.network.ports(device_id=server_id)] == [here.project.network_id]
    assert [one.id for one in sdk.compute.servers(name="web-01")] == [server_id]
    seen = row(here, server_id)
    assert (seen.status, seen.flavor_name, seen.key_name) == ("ACTIVE", "m1.tiny", "made here")
    assert user_data.recall(name) is None

    here.do("delete-key-pair", name="made here", fingerprint=mine.fingerprint)
    assert not KeyPair.objects.filter(tenant=here.tenant, name="made here").exists()


def test_a_server_on_a_new_volume_goes_with_it_or_without(here: Here) -> None:
    sdk = here.project.sdk
    kept = server_of(here.do("create-server", **wanted(here, "on-kept", volume_gb=1, keep_volume=True)))
    lost = server_of(here.do("create-server", **wanted(here, "on-lost", volume_gb=1, keep_volume=False)))
    here.look()
    volumes = {one: row(here, one).volumes[0]["id"] for one in (kept, lost)}
    assert [row(here, one).volumes[0]["delete_on_termination"] for one in (kept, lost)] == [False, True]
    for server_id in (kept, lost):
        here.do("delete-server", server_id=server_id)
        with pytest.raises(NotFoundException):
            sdk.compute.get_server(server_id)
    assert sdk.block_storage.get_volume(volumes[kept]).status == "available"
    assert Volume.objects.get(tenant=here.tenant, external_id=volumes[kept]).status == "available"
    assert sdk.block_storage.find_volume(volumes[lost]) is None
    assert not Volume.objects.filter(tenant=here.tenant, external_id=volumes[lost]).exists()


def test_it_is_stopped_started_and_rebooted_once_each(here: Here, made: Any) -> None:
    sdk, before = here.project.sdk, len(actions(here, made.id))
    here.do("stop-server", server_id=made.id)
    assert sdk.compute.get_server(made.id).status == "SHUTOFF"
    assert row(here, made.id).status == "SHUTOFF"
    here.do("start-server", server_id=made.id)
    assert sdk.compute.get_server(made.id).status == "ACTIVE"
    here.do("reboot-server", server_id=made.id, kind="soft")
    here.do("reboot-server", server_id=made.id, kind="hard")
    assert sdk.compute.get_server(made.id).status == "ACTIVE"
    assert actions(here, made.id)[before:] == ["stop", "start", "reboot", "reboot"]


def test_a_rename_and_its_undo(here: Here, made: Any) -> None:
    sdk = here.project.sdk
    operation = here.do("rename-server", server_id=made.id, name="renamed", was_name="there")
    assert sdk.compute.get_server(made.id).name == "renamed"
    action = ACTIONS[operation.action]
    back = action.undo(operation, action.params.model_validate(operation.params))
    assert back
    here.do(back.action, **back.params)
    assert sdk.compute.get_server(made.id).name == "there"
    assert row(here, made.id).name == "there"


def test_a_lock_keeps_it_from_being_stopped(here: Here, made: Any) -> None:
    sdk = here.project.sdk
    here.do("lock-server", server_id=made.id)
    assert sdk.compute.get_server(made.id).is_locked
    with pytest.raises(asking.RefusedError, match="locked"):
        here.ask("stop-server", server_id=made.id)
    here.do("unlock-server", server_id=made.id)
    assert not sdk.compute.get_server(made.id).is_locked


def test_it_rests_in_each_way_and_comes_back(here: Here, made: Any) -> None:
    sdk, before = here.project.sdk, len(actions(here, made.id))
    ways = [
        ("pause", "PAUSED", "unpause"),
        ("suspend", "SUSPENDED", "resume"),
        ("shelve", "SHELVED_OFFLOADED", "unshelve"),
        ("rescue", "RESCUE", "unrescue"),
    ]
    for there, state, back in ways:
        here.do(f"{there}-server", server_id=made.id)
        assert sdk.compute.get_server(made.id).status in (state, "SHELVED")
        assert row(here, made.id).status in (state, "SHELVED")
        here.do(f"{back}-server", server_id=made.id)
        assert sdk.compute.get_server(made.id).status == "ACTIVE"
    record = [one for one in actions(here, made.id)[before:] if one != "shelveOffload"]
    assert record == [verb for there, _state, back in ways for verb in (there, back)]


def test_it_is_rebuilt_and_stays_the_same_server(here: Here, made: Any) -> None:
    sdk = here.project.sdk
    before = sdk.compute.get_server(made.id)
    here.do("rebuild-server", server_id=made.id, image_id=before.image.id)
    after = sdk.compute.get_server(made.id)
    assert (after.status, after.id, after.addresses) == ("ACTIVE", before.id, before.addresses)
    assert actions(here, made.id)[-1] == "rebuild"


def test_a_resize_waits_and_is_confirmed_or_reverted(here: Here) -> None:
    sdk = here.project.sdk
    server_id = server_of(here.do("create-server", **wanted(here, "grows")))
    operation = here.do("resize-server", server_id=server_id, flavor_id=flavor(here, "m1.small"))
    assert "confirm" in operation.note
    assert sdk.compute.get_server(server_id).status == "VERIFY_RESIZE"
    assert row(here, server_id).status == "VERIFY_RESIZE"
    here.do("revert-resize", server_id=server_id)
    server = sdk.compute.get_server(server_id)
    assert (server.status, server.flavor["original_name"]) == ("ACTIVE", "m1.tiny")
    here.do("resize-server", server_id=server_id, flavor_id=flavor(here, "m1.small"))
    here.do("confirm-resize", server_id=server_id)
    server = sdk.compute.get_server(server_id)
    assert (server.status, server.flavor["original_name"]) == ("ACTIVE", "m1.small")
    assert row(here, server_id).flavor_name == "m1.small"
    record = actions(here, server_id)
    assert record == ["create", "resize", "revertResize", "resize", "confirmResize"]
    here.do("delete-server", server_id=server_id)


def test_a_snapshot_is_an_image_of_it(here: Here, made: Any) -> None:
    operation = here.do("create-image", server_id=made.id, name="golden")
    image_id = operation.targets.get(kind="image").external_id
    found = here.project.sdk.image.get_image(image_id)
    assert (found.name, found.status) == ("golden", "active")
    seen = Image.objects.get(tenant=here.tenant, external_id=image_id)
    assert (seen.status, seen.server_id, seen.owned) == ("active", made.id, True)
    assert len(list(here.project.sdk.image.images(name="golden", owner=here.project.sdk.current_project_id))) == 1


def test_a_server_goes_with_its_address_and_leaves_its_volume(here: Here) -> None:
    sdk = here.project.sdk
    public = next(iter(sdk.network.networks(is_router_external=True)))
    router = sdk.network.create_router(name="out", external_gateway_info={"network_id": public.id})
    (subnet_id,) = sdk.network.get_network(here.project.network_id).subnet_ids
    sdk.network.add_interface_to_router(router, subnet_id=subnet_id)
    server_id = server_of(here.do("create-server", **wanted(here, "goes")))
    (port,) = sdk.network.ports(device_id=server_id)
    address = sdk.network.create_ip(floating_network_id=public.id, port_id=port.id)
    volume = sdk.block_storage.wait_for_status(
        sdk.block_storage.create_volume(name="data", size=1), "available", interval=0.2
    )
    here.look()
    here.do("attach-volume", server_id=server_id, volume_id=volume.id)
    here.look()
    assert FloatingIP.objects.get(tenant=here.tenant, external_id=address.id).server_id == server_id

    operation = here.do("delete-server", server_id=server_id, floating_ip_ids=[address.id])

    assert operation.names[address.id] == address.floating_ip_address
    with pytest.raises(NotFoundException):
        sdk.compute.get_server(server_id)
    with pytest.raises(NotFoundException):
        sdk.network.get_ip(address.id)
    assert sdk.block_storage.get_volume(volume.id).status == "available"
    assert not Server.objects.filter(tenant=here.tenant, external_id=server_id).exists()
    assert not FloatingIP.objects.filter(tenant=here.tenant, external_id=address.id).exists()
    assert Volume.objects.get(tenant=here.tenant, external_id=volume.id).attachments == []


def test_a_server_that_no_host_has_room_for_fails_with_the_clouds_words(here: Here) -> None:
    sdk = here.project.sdk
    admin_flavor = sdk.compute.create_flavor(name=f"huge-{here.project.name}", vcpus=1, ram=64, disk=1)
    try:
        sdk.compute.create_flavor_extra_specs(admin_flavor, {"trait:CUSTOM_NOWHERE": "required"})
        here.look()
        operation = here.finish(
            here.ask("create-server", **wanted(here, "nowhere", flavor_id=flavor(here, admin_flavor.name)))
        )
    finally:
        sdk.compute.delete_flavor(admin_flavor)
    assert (operation.state, operation.code) == (Operation.State.FAILED, "not_built")
    assert "No valid host" in operation.detail
    assert operation.note == "The server nowhere was made and is kept."
    assert row(here, server_of(operation)).status == "ERROR"
    here.do("delete-server", server_id=server_of(operation))


def test_the_log_is_the_clouds_own_and_the_console_says_what_there_is(here: Here, made: Any) -> None:
    log = Wanted(here.tenant.pk, here.grant, "console-log", made.id, 200)
    fetching_run.fetch(log)
    note = fetching.look(log)
    assert note is not None
    assert note.text == here.project.sdk.compute.get_server_console_output(made.id, length=200)["output"]
    console = Wanted(here.tenant.pk, here.grant, "console", made.id)
    fetching_run.fetch(console)
    note = fetching.look(console)
    assert note is not None
    assert bool(note.text) != bool(note.reason)
