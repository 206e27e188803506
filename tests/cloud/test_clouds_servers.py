"""The lifecycle of servers, their images and key pairs, on a real cloud of today and as Ocata's."""

import base64
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from openstack.connection import Connection as SdkConnection

from clouds import errors
from clouds.openstack import images, key_pairs, servers, session
from clouds.openstack.inventory import compute
from clouds.openstack.inventory.compute import Server
from clouds.openstack.marks import MARK
from clouds.openstack.servers import BootVolume, Console, Reboot, Source
from clouds.openstack.services import Service
from clouds.openstack.session import Connection
from tests.cloud.clouds import endpoints_of, federation_of, ours, state_of
from tests.cloud.conftest import Devcloud
from tests.cloud.marks import CLOUD
from tests.cloud.projects import own_project

pytestmark = CLOUD

PUBLIC_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ7n7YpV0FvWq0nqgQ1hS0Q2f3o6e0o0Zt5mYy3h0a1b zoe@laptop"


@pytest.fixture(scope="module")
def project(devcloud: Devcloud) -> Iterator[SdkConnection]:
    with own_project(devcloud) as connection:
        yield connection


@pytest.fixture(scope="module")
def network_id(project: SdkConnection) -> Iterator[str]:
    network = project.network.create_network(name="net")
    project.network.create_subnet(network_id=network.id, ip_version=4, cidr="10.20.0.0/24")
    yield network.id
    project.network.delete_network(network)


@pytest.fixture(scope="module")
def member(project: SdkConnection) -> Iterator[Connection]:
    with ours(project) as mine:
        yield mine


@pytest.fixture(scope="module")
def ocata(project: SdkConnection) -> Iterator[Connection]:
    """Connect as if the location's compute were Ocata's."""
    endpoints = [
        replace(one, max_microversion="2.42") if one.service is Service.COMPUTE else one
        for one in endpoints_of(project)
    ]
    with session.connect(federation_of(project), state_of(project), endpoints) as mine:
        yield mine


@pytest.fixture(scope="module")
def flavors(member: Connection) -> dict[str, str]:
    return {flavor.name: flavor.external_id for flavor in compute.list_flavors(member)}


@pytest.fixture(scope="module")
def image_id(project: SdkConnection) -> str:
    return str(project.image.find_image("cirros-0.6").id)


Begin = Callable[..., str]


@pytest.fixture(scope="module")
def begin(member: Connection, network_id: str, flavors: dict[str, str]) -> Iterator[Begin]:
    """Provide a function that begins a server; delete the servers at the end."""
    begun: list[str] = []

    def create(by: Connection = member, **wanted: Any) -> str:
        wanted = {"name": f"made-{uuid4().hex[:8]}", "mark": f"op-{uuid4()}", "network_ids": [network_id], **wanted}
        begun.append(servers.create(by, flavor_id=flavors["m1.tiny"], **wanted))
        return begun[-1]

    yield create
    for server_id in begun:
        delete(member, server_id)


@pytest.fixture(scope="module")
def server_id(member: Connection, begin: Begin, image_id: str) -> str:
    """Boot a server for tests that leave it running."""
    made = begin(image_id=image_id)
    settled(member, made)
    return made


def settled(connection: Connection, server_id: str, status: str = "ACTIVE") -> Server:
    """Wait until the server is in the status and idle; return it."""
    deadline = time.monotonic() + 60
    while (seen := servers.get(connection, server_id)).status != status or seen.task_state:
        assert time.monotonic() < deadline, seen
        time.sleep(0.1)
    return seen


def delete(connection: Connection, server_id: str) -> None:
    """Delete the server and wait until the cloud no longer knows it."""
    deadline = time.monotonic() + 60
    try:
        servers.delete(connection, server_id)
        while time.monotonic() < deadline:
            servers.get(connection, server_id)
            time.sleep(0.1)
    except errors.NotFound:
        return
    pytest.fail("still there")


def until(true: Callable[[], bool]) -> None:
    """Wait until the condition holds."""
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.1)


@contextmanager
def volume(project: SdkConnection, **wanted: Any) -> Iterator[str]:
    """Create an available volume and yield its id; delete it at the end."""
    made = project.block_storage.create_volume(**wanted)
    until(lambda: project.block_storage.get_volume(made).status == "available")
    try:
        yield made.id
    finally:
        until(lambda: project.block_storage.get_volume(made).status == "available")
        project.block_storage.delete_volume(made)
        until(lambda: project.block_storage.find_volume(made.id) is None)


def test_a_server_is_made_of_all_that_was_asked_for(
    devcloud: Devcloud, project: SdkConnection, member: Connection, begin: Begin, image_id: str, network_id: str
) -> None:
    group = project.network.create_security_group(name="web")
    port = project.network.create_port(network_id=network_id)
    key_pairs.import_public_key(member, name := f"key-{uuid4().hex[:8]}", PUBLIC_KEY)
    mark = f"op-{uuid4()}"
    made = begin(
        name="web (1) *.test",
        mark=mark,
        image_id=image_id,
        port_ids=[port.id],
        security_groups=[group.id],
        key_name=name,
        user_data="#cloud-config\nname: Zoë\n",
        zone="nova",
    )
    seen = settled(member, made)
    assert (seen.name, seen.image_id, seen.key_name, seen.zone) == ("web (1) *.test", image_id, name, "nova")
    assert seen.flavor_name == "m1.tiny"
    assert [one.external_id for one in servers.find_marked(member, "web (1) *.test", mark)] == [made]
    assert servers.find_marked(member, "web (1) *.test", "another") == []
    groups = {one.external_id: one.security_group_ids for one in servers.ports_of(member, made)}
    assert len(groups) == 2
    assert [ids for port_id, ids in groups.items() if port_id != port.id] == [[group.id]]
    told = devcloud.connect("north-admin").compute.get_server(made)
    assert base64.b64decode(told.user_data).decode() == "#cloud-config\nname: Zoë\n"
    delete(member, made)
    project.network.delete_port(port.id)
    project.network.delete_security_group(group)
    key_pairs.delete(member, name)


def test_a_server_is_stopped_started_and_rebooted(member: Connection, server_id: str) -> None:
    begun = {"stop": servers.stop(member, server_id)}
    settled(member, server_id, "SHUTOFF")
    with pytest.raises(errors.Conflict):
        servers.stop(member, server_id)
    begun["start"] = servers.start(member, server_id)
    settled(member, server_id)
    begun["reboot"] = servers.reboot(member, server_id, Reboot.SOFT)
    settled(member, server_id)
    servers.reboot(member, server_id, Reboot.HARD)
    settled(member, server_id)
    done = {one.external_id: one for one in servers.actions_of(member, server_id)}
    assert {name: done[request_id].action for name, request_id in begun.items()} == {name: name for name in begun}
    assert not any(one.failed for one in done.values())
    until(lambda: any(one.result for one in servers.action_of(member, server_id, begun["stop"]).events))
    (event,) = servers.action_of(member, server_id, begun["stop"]).events
    assert (event.event, event.result) == ("compute_stop_instance", "Success")


def test_an_action_that_was_never_begun_is_not_found(member: Connection, server_id: str) -> None:
    with pytest.raises(errors.NotFound):
        servers.action_of(member, server_id, f"req-{uuid4()}")


def test_a_server_gets_another_name_at_once(member: Connection, server_id: str) -> None:
    servers.rename(member, server_id, "renamed")
    assert servers.get(member, server_id).name == "renamed"


def test_a_resize_waits_to_be_confirmed_or_reverted(
    member: Connection, server_id: str, flavors: dict[str, str]
) -> None:
    servers.resize(member, server_id, flavors["m1.small"])
    settled(member, server_id, "VERIFY_RESIZE")
    servers.revert_resize(member, server_id)
    assert settled(member, server_id).flavor_name == "m1.tiny"
    servers.resize(member, server_id, flavors["m1.small"])
    settled(member, server_id, "VERIFY_RESIZE")
    servers.confirm_resize(member, server_id)
    assert settled(member, server_id).flavor_name == "m1.small"
    with pytest.raises(errors.Conflict):
        servers.confirm_resize(member, server_id)


def test_a_resize_that_finds_no_host_tells_so(member: Connection, server_id: str, flavors: dict[str, str]) -> None:
    request_id = servers.resize(member, server_id, flavors["g1.medium"])
    until(lambda: servers.action_of(member, server_id, request_id).failed)
    assert settled(member, server_id).flavor_name != "g1.medium"


@pytest.mark.parametrize("age", ["member", "ocata"])
def test_a_server_becomes_an_image(request: pytest.FixtureRequest, age: str, server_id: str) -> None:
    connection: Connection = request.getfixturevalue(age)
    made = servers.create_image(connection, server_id, "backup", mark := f"op-{uuid4()}")
    until(lambda: images.get(connection, made).status == "active")
    settled(connection, server_id)
    (found,) = images.find_marked(connection, mark)
    assert (found.external_id, found.name, found.owned) == (made, "backup", True)
    assert images.find_marked(connection, f"op-{uuid4()}") == []
    images.delete(connection, made)
    with pytest.raises(errors.NotFound):
        images.get(connection, made)


@pytest.mark.parametrize("age", ["member", "ocata"])
def test_a_console_has_an_address_and_a_log(request: pytest.FixtureRequest, age: str, server_id: str) -> None:
    connection: Connection = request.getfixturevalue(age)
    assert servers.console_url(connection, server_id, Console.NOVNC).startswith("http://127.0.0.1:")
    with pytest.raises(errors.Invalid):
        servers.console_url(connection, server_id, Console.SPICE)
    whole = servers.console_log(connection, server_id, 1000)
    assert servers.console_log(connection, server_id, 1) == whole.split("\n")[-1]


@pytest.mark.parametrize("age", ["member", "ocata"])
def test_a_volume_is_attached_and_detached(
    request: pytest.FixtureRequest, age: str, project: SdkConnection, server_id: str
) -> None:
    connection: Connection = request.getfixturevalue(age)
    with volume(project, size=1) as volume_id:
        assert servers.attach_volume(connection, server_id, volume_id).startswith("/dev/")
        until(lambda: project.block_storage.get_volume(volume_id).status == "in-use")
        assert volume_id in {one.id for one in servers.get(connection, server_id).volumes}
        with pytest.raises(errors.Conflict):
            servers.attach_volume(connection, server_id, volume_id)
        servers.detach_volume(connection, server_id, volume_id)
        until(lambda: project.block_storage.get_volume(volume_id).status == "available")
        with pytest.raises(errors.NotFound):
            servers.detach_volume(connection, server_id, volume_id)


def test_ports_change_their_groups_unless_they_were_changed_meanwhile(
    project: SdkConnection, member: Connection, server_id: str
) -> None:
    web, ssh = (project.network.create_security_group(name=name) for name in ("web", "ssh"))
    (seen,) = servers.ports_of(member, server_id)
    assert seen.revision is not None
    with_web = servers.set_port_security_groups(
        member, seen.external_id, [*seen.security_group_ids, web.id], revision=seen.revision
    )
    assert set(with_web.security_group_ids) == {*seen.security_group_ids, web.id}
    assert with_web.revision != seen.revision
    with pytest.raises(errors.Conflict) as caught:
        servers.set_port_security_groups(member, seen.external_id, [ssh.id], revision=seen.revision)
    assert caught.value.status == 412
    assert servers.ports_of(member, server_id) == [with_web]
    servers.set_port_security_groups(
        member, seen.external_id, seen.security_group_ids, revision=servers.ports_of(member, server_id)[0].revision
    )
    for group in (web, ssh):
        project.network.delete_security_group(group, ignore_missing=False)


def test_a_server_boots_from_a_new_volume_that_goes_with_it(
    project: SdkConnection, member: Connection, begin: Begin, image_id: str
) -> None:
    wanted = BootVolume(Source.IMAGE, image_id, size_gb=2, volume_type="ssd", delete_on_termination=True)
    made = begin(boot_volume=wanted)
    seen = settled(member, made)
    (root,) = seen.volumes
    told = project.block_storage.get_volume(root.id)
    assert (seen.image_id, root.delete_on_termination, told.size, told.volume_type) == ("", True, 2, "ssd")
    delete(member, made)
    until(lambda: project.block_storage.find_volume(root.id) is None)


def test_a_server_boots_from_what_is_there_already_also_at_ocatas(
    project: SdkConnection, ocata: Connection, begin: Begin, image_id: str
) -> None:
    with volume(project, size=2, image_id=image_id) as volume_id:
        first = begin(ocata, boot_volume=BootVolume(Source.VOLUME, volume_id))
        seen = settled(ocata, first)
        assert [one.id for one in seen.volumes] == [volume_id]
        assert (seen.flavor_name, bool(seen.flavor_id)) == ("", True)
        delete(ocata, first)
        until(lambda: project.block_storage.get_volume(volume_id).status == "available")
        snapshot = project.block_storage.create_snapshot(volume_id=volume_id)
        until(lambda: project.block_storage.get_snapshot(snapshot).status == "available")
        second = begin(ocata, boot_volume=BootVolume(Source.SNAPSHOT, snapshot.id, delete_on_termination=True))
        (root,) = settled(ocata, second).volumes
        assert root.id != volume_id
        delete(ocata, second)
        until(lambda: project.block_storage.find_volume(root.id) is None)
        project.block_storage.delete_snapshot(snapshot)
        until(lambda: project.block_storage.find_snapshot(snapshot.id) is None)


def test_a_server_may_be_without_a_network(member: Connection, begin: Begin, image_id: str) -> None:
    made = begin(image_id=image_id, network_ids=[])
    assert settled(member, made).addresses == []
    assert servers.ports_of(member, made) == []
    delete(member, made)
    actions = [one.action for one in servers.actions_of(member, made)]
    assert actions == ["delete", "create"]  # they outlive the server


def test_one_mark_is_on_one_server(member: Connection, server_id: str) -> None:
    seen = servers.get(member, server_id)
    assert list(seen.metadata) == [MARK]
    found = servers.find_marked(member, seen.name, seen.metadata[MARK])
    assert [one.external_id for one in found] == [server_id]


def test_what_the_cloud_refuses_is_named(
    devcloud: Devcloud, project: SdkConnection, member: Connection, flavors: dict[str, str], image_id: str
) -> None:
    wanted = {"name": "refused", "mark": f"op-{uuid4()}", "image_id": image_id}
    with pytest.raises(errors.Invalid):
        servers.create(member, flavor_id="no-such-flavor", **wanted)
    admin = devcloud.connect("north-admin")
    used = project.compute.get_limits().absolute.total_instances_used
    admin.compute.update_quota_set(project.current_project_id, instances=used)
    try:
        with pytest.raises(errors.QuotaExceeded) as caught:
            servers.create(member, flavor_id=flavors["m1.tiny"], **wanted)
        assert caught.value.request_id.startswith("req-")
    finally:
        admin.compute.revert_quota_set(project.current_project_id)
    for call in (servers.get, servers.start, servers.delete):
        with pytest.raises(errors.NotFound):
            call(member, str(uuid4()))


@pytest.mark.parametrize("age", ["member", "ocata"])
def test_a_key_pair_comes_and_goes(request: pytest.FixtureRequest, age: str) -> None:
    connection: Connection = request.getfixturevalue(age)
    name = f"my laptop {uuid4().hex[:8]}"
    made = key_pairs.import_public_key(connection, name, PUBLIC_KEY)
    assert key_pairs.get(connection, name) == made
    assert (made.external_id, made.public_key, made.type) == (name, PUBLIC_KEY, "ssh")
    assert name in {one.external_id for one in compute.list_key_pairs(connection)}
    with pytest.raises(errors.Conflict):
        key_pairs.import_public_key(connection, name, PUBLIC_KEY)
    with pytest.raises(errors.Invalid):
        key_pairs.import_public_key(connection, f"{name} again", "no key")
    key_pairs.delete(connection, name)
    with pytest.raises(errors.NotFound):
        key_pairs.get(connection, name)
    with pytest.raises(errors.NotFound):
        key_pairs.delete(connection, name)
