"""What we read from a real OpenStack equals what openstacksdk reads."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from openstack.connection import Connection as SdkConnection

from clouds import errors
from clouds.openstack import catalog, check, health, identity, inventory, session
from clouds.openstack.inventory import Inventory
from clouds.openstack.inventory.values import Measure
from clouds.openstack.paging import PAGE
from clouds.openstack.services import Service
from tests.cloud.clouds import endpoints_of, federation_of, ours, state_of
from tests.cloud.conftest import Devcloud
from tests.cloud.marks import CLOUD
from tests.support.issuer import Issuer

pytestmark = CLOUD

CLOUDS = ["north-atlas-member", "north-atlas-reader", "north-borealis-member", "south-atlas-member", "north-admin"]


@pytest.fixture(params=CLOUDS)
def cloud(request: pytest.FixtureRequest, devcloud: Devcloud) -> Iterator[SdkConnection]:
    with devcloud.connect(request.param) as connection:
        yield connection


@pytest.fixture
def member(devcloud: Devcloud) -> Iterator[SdkConnection]:
    with devcloud.connect("north-atlas-member") as connection:
        yield connection


def read(connection: SdkConnection, page_size: int = PAGE) -> Inventory:
    with ours(connection, page_size) as mine:
        seen = inventory.read(mine, slow=True)
    assert seen.errors == []
    return seen


def data(part: Any) -> Any:
    assert part is not None
    return part.data


def by_id(rows: Any, *fields: str) -> dict[str, tuple[Any, ...]]:
    return {row.external_id: tuple(getattr(row, field) for field in fields) for row in rows}


def theirs(rows: Any, *fields: str) -> dict[str, tuple[Any, ...]]:
    return {row.id: tuple(getattr(row, field) for field in fields) for row in rows}


@pytest.mark.quiet
def test_servers_and_flavors_are_the_sdks(cloud: SdkConnection) -> None:
    part = data(read(cloud).compute)
    servers = list(cloud.compute.servers())
    assert by_id(part.servers, "name", "status", "key_name", "zone", "user_id") == {
        one.id: (one.name, one.status, one.key_name or "", one.availability_zone or "", one.user_id) for one in servers
    }
    assert by_id(part.servers, "flavor_name", "vcpus", "ram_mb", "disk_gb") == {
        one.id: (one.flavor.original_name, one.flavor.vcpus, one.flavor.ram, one.flavor.disk) for one in servers
    }
    # Floating IPs from neutron: nova's copy of them lags behind.
    mine = list(cloud.network.ips(project_id=cloud.current_project_id))
    device = {port.id: port.device_id for port in cloud.network.ports(project_id=cloud.current_project_id)}
    assert {one.external_id: {a.address for a in one.addresses} for one in part.servers} == {
        one.id: {
            *(a["addr"] for many in (one.addresses or {}).values() for a in many if a["OS-EXT-IPS:type"] == "fixed"),
            *(ip.floating_ip_address for ip in mine if device.get(ip.port_id) == one.id),
        }
        for one in servers
    }
    assert {one.external_id: {v.id for v in one.volumes} for one in part.servers} == {
        one.id: {v["id"] for v in one.attached_volumes} for one in servers
    }
    assert {one.external_id: {g.name for g in one.security_groups} for one in part.servers} == {
        one.id: {g["name"] for g in one.security_groups or []} for one in servers
    }
    flavors = cloud.compute.flavors()
    assert by_id(part.flavors, "name", "vcpus", "ram_mb", "disk_gb") == theirs(flavors, "name", "vcpus", "ram", "disk")


def test_volumes_and_snapshots_are_the_sdks(cloud: SdkConnection) -> None:
    part = data(read(cloud).block_storage)
    volumes = list(cloud.block_storage.volumes())
    assert by_id(part.volumes, "name", "status", "size_gb", "bootable", "volume_type") == theirs(
        volumes, "name", "status", "size", "is_bootable", "volume_type"
    )
    assert {v.external_id: {(a.server_id, a.device) for a in v.attachments} for v in part.volumes} == {
        v.id: {(a["server_id"], a["device"]) for a in v.attachments} for v in volumes
    }
    snapshots = cloud.block_storage.snapshots()
    assert by_id(part.snapshots, "name", "status", "size_gb") == theirs(snapshots, "name", "status", "size")


def test_what_forms_offer_is_the_sdks(cloud: SdkConnection) -> None:
    seen = read(cloud)
    nova, cinder = data(seen.compute), data(seen.block_storage)
    assert by_id(cinder.volume_types, "name", "public") == theirs(cloud.block_storage.types(), "name", "is_public")
    default = cloud.block_storage.get("/types/default").json()["volume_type"]["id"]
    assert [kind.external_id for kind in cinder.volume_types if kind.default] == [default]
    for part, service in ((nova, cloud.compute), (cinder, cloud.block_storage)):
        up = {zone.name for zone in service.availability_zones() if zone.state["available"]}
        assert {zone.external_id for zone in part.zones} == up
    assert {zone.service for zone in [*nova.zones, *cinder.zones]} == {"compute", "block-storage"}


@pytest.mark.quiet
def test_key_pairs_are_the_sdks_for_each_person(cloud: SdkConnection) -> None:
    name = f"inventory-{uuid4().hex[:8]}"
    made = cloud.compute.create_keypair(name=name)
    try:
        seen = read(cloud)
        found = {pair.name: (pair.type, pair.fingerprint) for pair in data(seen.compute).key_pairs}
        assert found == {pair.name: (pair.type or "ssh", pair.fingerprint) for pair in cloud.compute.keypairs()}
        assert found[name] == ("ssh", made.fingerprint)
        assert {pair.user_id for pair in data(seen.compute).key_pairs} == {seen.user_id} == {cloud.current_user_id}
    finally:
        cloud.compute.delete_keypair(name)


def test_networking_is_the_sdks(cloud: SdkConnection) -> None:
    part, network, mine = data(read(cloud).network), cloud.network, cloud.current_project_id
    networks = [n for n in network.networks() if n.project_id == mine or n.is_shared or n.is_router_external]
    assert by_id(part.networks, "name", "status") == theirs(networks, "name", "status")
    ports = network.ports(project_id=mine)
    assert by_id(part.ports, "device_id", "mac", "status") == theirs(ports, "device_id", "mac_address", "status")
    routers = network.routers(project_id=mine)
    assert by_id(part.routers, "name", "status") == theirs(routers, "name", "status")
    addresses = network.ips(project_id=mine)
    assert by_id(part.floating_ips, "address", "status") == theirs(addresses, "floating_ip_address", "status")
    groups = list(network.security_groups(project_id=mine))
    assert by_id(part.security_groups, "name") == theirs(groups, "name")
    assert {r.external_id for r in part.security_group_rules} == {
        r["id"] for g in groups for r in g.security_group_rules
    }


@pytest.mark.quiet
def test_images_and_containers_are_the_sdks(cloud: SdkConnection) -> None:
    seen = read(cloud)
    images = cloud.image.images()
    assert by_id(data(seen.image).images, "name", "status", "visibility") == theirs(
        images, "name", "status", "visibility"
    )
    containers = {c.name: (c.count, c.bytes) for c in cloud.object_store.containers()}
    assert by_id(data(seen.object_store).containers, "objects_count", "bytes_used") == containers


def test_limits_are_the_sdks(cloud: SdkConnection) -> None:
    seen = {limit.measure: (limit.used, limit.allowed) for limit in read(cloud).limits}

    def limit(used: int, allowed: int) -> tuple[int, int | None]:
        return used, None if allowed < 0 else allowed

    nova = cloud.compute.get_limits().absolute
    assert seen[Measure.SERVERS] == limit(nova.instances_used, nova.instances)
    assert seen[Measure.VCPUS] == limit(nova.total_cores_used, nova.total_cores)
    assert seen[Measure.RAM_MB] == limit(nova.total_ram_used, nova.total_ram)
    cinder = cloud.block_storage.get_limits().absolute
    assert seen[Measure.VOLUMES] == limit(cinder.total_volumes_used, cinder.max_total_volumes)
    assert seen[Measure.VOLUME_GB] == limit(cinder.total_gigabytes_used, cinder.max_total_volume_gigabytes)
    neutron = cloud.network.get_quota(str(cloud.current_project_id), details=True)
    for measure, theirs_ in (
        (Measure.FLOATING_IPS, neutron.floating_ips),
        (Measure.NETWORKS, neutron.networks),
        (Measure.SECURITY_GROUPS, neutron.security_groups),
        (Measure.SECURITY_GROUP_RULES, neutron.security_group_rules),
        (Measure.PORTS, neutron.ports),
    ):
        assert seen[measure] == limit(theirs_["used"], theirs_["limit"])


def test_a_change_behind_our_back_is_read_at_once(member: SdkConnection) -> None:
    name = f"behind-{uuid4()}"
    volume = member.block_storage.create_volume(name=name, size=1)
    try:
        member.block_storage.wait_for_status(volume, "available", wait=30)
        assert name in {one.name for one in data(read(member).block_storage).volumes}
    finally:
        member.block_storage.delete_volume(volume.id)
        member.block_storage.wait_for_delete(volume, wait=30)
    assert name not in {one.name for one in data(read(member).block_storage).volumes}


def test_lists_are_paged_to_the_end(member: SdkConnection) -> None:
    whole, paged = read(member), read(member, page_size=1)
    assert paged.calls > whole.calls
    for kind in ("networks", "subnets", "ports", "security_groups", "routers"):
        assert by_id(getattr(data(paged.network), kind)) == by_id(getattr(data(whole.network), kind))
    assert by_id(data(paged.compute).servers) == by_id(data(whole.compute).servers)
    assert by_id(data(paged.block_storage).volumes) == by_id(data(whole.block_storage).volumes)
    assert by_id(data(paged.image).images) == by_id(data(whole.image).images)


def test_an_ended_token_is_unauthorized_everywhere(member: SdkConnection) -> None:
    """Revoked before any service has seen it: services cache valid tokens for minutes."""
    endpoints, federation = endpoints_of(member), federation_of(member)
    member.session.invalidate()
    state = state_of(member)
    member.session.delete(f"{federation.auth_url}/auth/tokens", headers={"X-Subject-Token": state.token})
    with session.connect(federation, state, endpoints) as mine:
        seen = inventory.read(mine, slow=True)
    assert {type(part.error) for part in seen.parts} == {errors.Unauthorized}


def test_keystone_is_described_from_its_bare_address(member: SdkConnection) -> None:
    url = federation_of(member).auth_url
    assert catalog.describe(url.removesuffix("/v3")).auth_url == url


def test_projects_are_the_persons_own(member: SdkConnection) -> None:
    names = [project.name for project in identity.projects(federation_of(member), state_of(member))]
    assert names == ["atlas", "borealis"]


def test_all_services_answer_a_ping(member: SdkConnection) -> None:
    assert {ping.service: ping.error for ping in health.ping(endpoints_of(member))} == dict.fromkeys(Service)


def test_a_false_access_token_is_unauthorized(member: SdkConnection) -> None:
    with pytest.raises(errors.Unauthorized):
        session.unscoped(federation_of(member), "eyJhbGciOiJub25lIn0.e30.")


@pytest.mark.parametrize(("name", "role"), [("admin", "manager"), ("member", "member"), ("reader", "reader")])
def test_a_person_is_let_in_with_the_roles_of_their_groups(
    devcloud: Devcloud, issuer: Issuer, name: str, role: str
) -> None:
    federation = session.Federation(devcloud.auth_url("north"), region="north")
    person = session.unscoped(federation, access_token(issuer, name, [f"atlas-{name}"]))
    (project,) = identity.projects(federation, person)
    state = session.scoped(federation, person, project.external_id)
    assert (project.name, state.project_name, state.user_name) == ("atlas", "atlas", name)
    assert role in state.roles
    with session.connect(federation, state) as mine:
        endpoints = catalog.discover(mine).endpoints
    with session.connect(federation, state, endpoints) as mine:
        assert inventory.read(mine, slow=True).errors == []


def test_the_check_walks_the_whole_chain(devcloud: Devcloud, issuer: Issuer) -> None:
    federation = session.Federation(devcloud.auth_url("south"), region="south")
    steps = list(check.check(federation, access_token(issuer, "member", ["atlas-member"])))
    assert len(steps) == len(check.StepName) - 1 + len(Service)
    assert {step.outcome for step in steps if step.name is not check.StepName.TLS} == {check.Outcome.OK}


def access_token(issuer: Issuer, name: str, groups: list[str]) -> str:
    return issuer.token(sub=f"clouds-{name}", preferred_username=name, email=f"{name}@example.org", groups=groups)
