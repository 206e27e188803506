"""The contents of a seeded cloud, seen by openstacksdk and the openstack command."""

from __future__ import annotations

import json
import os
import subprocess
from collections import Counter
from typing import Any

import pytest
from openstack.connection import Connection
from openstack.exceptions import HttpException

from tests.cloud.conftest import Devcloud


@pytest.fixture(scope="module")
def member(devcloud: Devcloud) -> Connection:
    return devcloud.connect("north-atlas-member")


@pytest.fixture(scope="module")
def reader(devcloud: Devcloud) -> Connection:
    return devcloud.connect("north-atlas-reader")


def test_most_servers_run_two_are_stopped_and_one_found_no_host(member: Connection) -> None:
    servers = list(member.compute.servers())
    assert Counter(server.status for server in servers) == {"ACTIVE": 11, "SHUTOFF": 2, "ERROR": 1}
    broken = next(server for server in servers if server.status == "ERROR")
    assert "No valid host was found" in member.compute.get_server(broken).fault["message"]


def test_one_server_is_in_two_networks_and_one_has_no_image(member: Connection) -> None:
    servers = {server.name: server for server in member.compute.servers()}
    assert set(servers["db-01"].addresses) == {"app-net", "backup-net"}
    assert not servers["backup-01"].image


def test_volumes_are_of_two_types_and_most_are_attached(member: Connection) -> None:
    volumes = list(member.block_storage.volumes())
    assert (len(volumes), sum(volume.size for volume in volumes)) == (9, 640)
    assert Counter(volume.status for volume in volumes) == {"in-use": 7, "available": 2}
    assert {volume.volume_type for volume in volumes} == {"ssd", "hdd"}
    assert len(list(member.block_storage.snapshots())) == 4


def test_security_groups_say_who_may_connect(member: Connection) -> None:
    groups = {group.name: group for group in member.network.security_groups(project_id=member.current_project_id)}
    assert set(groups) == {"default", "web-public", "ssh-office", "app", "db-internal", "monitoring"}
    rules = [rule for rule in groups["db-internal"].security_group_rules if rule["direction"] == "ingress"]
    assert groups["app"].id in {rule["remote_group_id"] for rule in rules}


def test_two_floating_ips_and_more_have_a_server_and_one_is_idle(member: Connection) -> None:
    addresses = list(member.network.ips(project_id=member.current_project_id))
    assert Counter(bool(address.port_id) for address in addresses) == {True: 3, False: 1}
    assert {address.status for address in addresses} == {"ACTIVE", "DOWN"}


def test_containers_know_their_objects(member: Connection) -> None:
    containers = {container.name: container for container in member.object_store.containers()}
    assert {name: container.count for name, container in containers.items()} == {"assets": 15, "backups": 10, "logs": 3}
    assert all(container.bytes > 0 for container in containers.values())


def test_images_tell_their_system(member: Connection) -> None:
    images = {image.name: image for image in member.image.images()}
    assert len(images) == 8
    assert (images["debian-13"].os_distro, images["debian-13"].os_version) == ("debian", "13")
    assert images["windows-server-2025"].min_disk == 20


def test_other_tenants_have_their_own(devcloud: Devcloud) -> None:
    found = {
        name: len(list(devcloud.connect(name).compute.servers()))
        for name in ("south-atlas-member", "north-borealis-member")
    }
    assert found == {"south-atlas-member": 5, "north-borealis-member": 8}


def refused(request: Any) -> int | None:
    """Return the status code of the HTTP error that a call raises."""
    try:
        request()
    except HttpException as error:
        code: int | None = error.status_code
        return code
    return None


def test_a_reader_creates_nothing(reader: Connection) -> None:
    flavor, image = reader.compute.find_flavor("m1.tiny").id, reader.image.find_image("debian-13").id
    assert [
        refused(lambda: reader.compute.create_server(name="x", flavor_id=flavor, image_id=image, networks="none")),
        refused(lambda: reader.block_storage.create_volume(name="x", size=1)),
        refused(lambda: reader.network.create_security_group(name="x")),
        refused(lambda: reader.object_store.create_container("x")),
    ] == [403] * 4


def test_quotas_refuse_what_is_too_much(member: Connection) -> None:
    flavor, image = member.compute.find_flavor("m1.large").id, member.image.find_image("debian-13").id
    network = member.network.find_network("app-net").id
    assert (
        refused(
            lambda: member.compute.create_server(
                name="x", flavor_id=flavor, image_id=image, networks=[{"uuid": network}]
            )
        )
        == 403
    )
    assert refused(lambda: member.block_storage.create_volume(name="x", size=500)) == 413


def openstack(devcloud: Devcloud, *arguments: str, **variables: str) -> subprocess.Popen[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("OS_")}
    return subprocess.Popen(
        [devcloud.openstack, *arguments, "-f", "json"], env=clean | variables, text=True, stdout=subprocess.PIPE
    )


def test_the_openstack_command_sees_the_same(devcloud: Devcloud, member: Connection) -> None:
    cloud = {"OS_CLIENT_CONFIG_FILE": str(devcloud.clouds_yaml), "OS_CLOUD": "north-atlas-member"}
    exported = devcloud.run("env", "north", "--user", "member", "--project", "borealis").stdout
    exports = dict(line.removeprefix("export ").split("=", 1) for line in exported.splitlines() if "export " in line)
    commands = [
        openstack(devcloud, "server", "list", **cloud),
        openstack(devcloud, "limits", "show", "--absolute", **cloud),
        openstack(devcloud, "server", "list", **exports),
    ]
    servers, limits, of_borealis = (json.loads(command.communicate()[0]) for command in commands)
    assert {server["ID"] for server in servers} == {server.id for server in member.compute.servers()}
    absolute = {row["Name"]: row["Value"] for row in limits}
    assert (absolute["total_cores_used"], absolute["max_total_cores"]) == (38, 40)
    assert len(of_borealis) == 8


def test_a_member_has_two_key_pairs(member: Connection, reader: Connection) -> None:
    assert {pair.name for pair in member.compute.keypairs()} >= {"member-laptop", "member-desktop"}
    assert not {pair.name for pair in reader.compute.keypairs()} & {"member-laptop", "member-desktop"}
