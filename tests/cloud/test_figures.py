"""Every figure and limit of atlas@north equals openstacksdk's own answer on the same cloud."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from openstack.connection import Connection
from structlog.testing import capture_logs

from projects.discovery import discovering as discovery
from projects.models import (
    Change,
    Limit,
    Location,
    Membership,
    Project,
    Reading,
    Tenant,
)
from projects.refresh import claims, refreshing
from services.block_storage.models import Volume
from services.compute.models import Server
from tests.cloud import truth
from tests.cloud.conftest import Devcloud
from tests.cloud.marks import CLOUD
from tests.cloud.people import Person, location_row, log_in
from tests.support.issuer import Issuer

pytestmark = [*CLOUD, pytest.mark.django_db]


@pytest.fixture
def north(devcloud: Devcloud) -> Location:
    return location_row(devcloud)


@pytest.fixture
def member(issuer: Issuer) -> Person:
    return log_in(issuer, "member")


@pytest.fixture
def sdk(devcloud: Devcloud) -> Iterator[Connection]:
    with devcloud.connect("north-atlas-member") as connection:
        yield connection


@pytest.fixture
def atlas(north: Location, member: Person) -> Tenant:
    """Return atlas@north as the member finds it, refreshed."""
    discovery.discover(member.user, member.grant.pk, north)
    tenant = Tenant.objects.get(project__slug="atlas")
    refresh(tenant, member)
    return tenant


def refresh(tenant: Tenant, person: Person) -> None:
    claim = claims.take(tenant.pk, older_than=timedelta(0))
    assert claim
    refreshing.refresh(tenant.pk, person.grant.pk, claim, asked=True)
    tenant.refresh_from_db()


def shown_limits(tenant: Tenant) -> dict[str, tuple[int | None, int | None]]:
    return {limit.measure: (limit.used, limit.allowed) for limit in Limit.objects.filter(tenant=tenant)}


def eventually(condition: Callable[[], Any], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.2)


def assert_true_numbers(tenant: Tenant, sdk: Connection) -> None:
    assert list(Reading.objects.filter(tenant=tenant).exclude(reason="").values_list("service", "reason")) == []
    assert tenant.figures == truth.figures(sdk)
    assert shown_limits(tenant) == truth.limits(sdk)


def test_a_person_finds_the_projects_and_roles_that_keystone_gives(issuer: Issuer, north: Location) -> None:
    found = {}
    for name in ("admin", "member", "reader"):
        person = log_in(issuer, name)
        discovery.discover(person.user, person.grant.pk, north)
        found[name] = dict(Membership.objects.filter(user=person.user).values_list("tenant__project__slug", "role"))

    assert found["admin"].items() >= {"atlas": "admin", "borealis": "admin"}.items()
    assert found["member"].items() >= {"atlas": "member", "borealis": "member"}.items()
    assert found["reader"] == {"atlas": "reader"}
    assert Project.objects.filter(slug="atlas").count() == 1


def test_a_stranger_finds_nothing(issuer: Issuer, north: Location) -> None:
    person = log_in(issuer, "stranger")

    assert discovery.discover(person.user, person.grant.pk, north) == []

    assert not Membership.objects.filter(user=person.user).exists()


def test_every_figure_and_limit_equals_the_sdks(atlas: Tenant, sdk: Connection) -> None:
    assert atlas.figures["servers"]["total"] > 0
    assert_true_numbers(atlas, sdk)


def test_a_refresh_takes_at_most_twelve_calls(atlas: Tenant, member: Person) -> None:
    claim = claims.take(atlas.pk, older_than=timedelta(0))
    assert claim
    with capture_logs() as logs:
        refreshing.refresh(atlas.pk, member.grant.pk, claim)

    (refreshed,) = [entry for entry in logs if entry["event"] == "refreshed"]
    assert refreshed["calls"] <= 12
    assert refreshed["failed"] == []


def test_nothing_changed_in_the_cloud_so_the_version_stays(atlas: Tenant, member: Person) -> None:
    version = atlas.version

    refresh(atlas, member)

    assert atlas.version == version


def test_the_numbers_stay_true_after_changes_behind_the_portals_back(
    atlas: Tenant, member: Person, sdk: Connection
) -> None:
    name = f"figures-{uuid4().hex[:8]}"
    version = atlas.version
    with ExitStack() as undo:
        server = make_server(sdk, name, undo)
        volume = sdk.block_storage.create_volume(name=name, size=3)
        undo.callback(remove_volume, sdk, volume.id)
        eventually(lambda: sdk.block_storage.get_volume(volume.id).status == "available")
        refresh(atlas, member)
        assert_true_numbers(atlas, sdk)
        assert atlas.version == version + 1
        assert Server.objects.get(external_id=server.id).status == "ACTIVE"

        attachment = sdk.compute.create_volume_attachment(server, volume_id=volume.id)
        undo.callback(detach, sdk, server.id, attachment.volume_id)
        eventually(lambda: sdk.block_storage.get_volume(volume.id).status == "in-use")
        public = next(network for network in sdk.network.networks() if network.is_router_external)
        address = sdk.network.create_ip(floating_network_id=public.id)
        undo.callback(sdk.network.delete_ip, address)
        port = next(iter(sdk.network.ports(device_id=server.id)))
        sdk.network.update_ip(address, port_id=port.id)
        group = next(iter(sdk.network.security_groups(name="default", project_id=sdk.current_project_id)))
        rule = sdk.network.create_security_group_rule(
            security_group_id=group.id,
            direction="ingress",
            ether_type="IPv4",
            protocol="tcp",
            port_range_min=4242,
            port_range_max=4242,
            remote_ip_prefix="0.0.0.0/0",
        )
        undo.callback(sdk.network.delete_security_group_rule, rule)
        sdk.object_store.create_container(name)
        undo.callback(sdk.object_store.delete_container, name)
        sdk.object_store.create_object(name, "one", data=b"x" * 4321)
        undo.callback(sdk.object_store.delete_object, "one", container=name)
        # Swift updates the container first; its account, whose listing both sides read, follows a moment later.
        eventually(lambda: {one.name: one.count for one in sdk.object_store.containers()}[name] == 1)
        eventually(lambda: sdk.network.get_ip(address).status == "ACTIVE")
        refresh(atlas, member)
        assert_true_numbers(atlas, sdk)
        assert Volume.objects.get(external_id=volume.id).attachments[0]["server_id"] == server.id
        row = Server.objects.get(external_id=server.id)
        assert {"fixed", "floating"} == {one["type"] for one in row.addresses}
        assert [one["device"] for one in row.volumes] == [attachment.device]

        sdk.compute.stop_server(server)
        eventually(lambda: sdk.compute.get_server(server).status == "SHUTOFF")
        refresh(atlas, member)
        assert_true_numbers(atlas, sdk)

    refresh(atlas, member)
    assert_true_numbers(atlas, sdk)
    assert not Server.objects.filter(external_id=server.id).exists()
    told = {(change.verb, change.kind) for change in Change.objects.filter(external_id__in=[server.id, volume.id])}
    assert told >= {("appeared", "server"), ("vanished", "server"), ("changed", "volume"), ("vanished", "volume")}


def make_server(sdk: Connection, name: str, undo: ExitStack) -> Any:
    image = next(image for image in sdk.image.images() if image.name.startswith("cirros"))
    flavor = next(flavor for flavor in sdk.compute.flavors() if flavor.name == "m1.tiny")
    network = sdk.network.find_network("app-net")
    server = sdk.compute.create_server(
        name=name, image_id=image.id, flavor_id=flavor.id, networks=[{"uuid": network.id}]
    )
    undo.callback(remove_server, sdk, server.id)
    eventually(lambda: (seen := sdk.compute.get_server(server)).status == "ACTIVE" and not seen.task_state)
    return server


def remove_server(sdk: Connection, server_id: str) -> None:
    sdk.compute.delete_server(server_id)
    eventually(lambda: server_id not in {server.id for server in sdk.compute.servers()})


def detach(sdk: Connection, server_id: str, volume_id: str) -> None:
    sdk.compute.delete_volume_attachment(server_id, volume_id)
    eventually(lambda: sdk.block_storage.get_volume(volume_id).status == "available")


def remove_volume(sdk: Connection, volume_id: str) -> None:
    sdk.block_storage.delete_volume(volume_id)
    eventually(lambda: volume_id not in {volume.id for volume in sdk.block_storage.volumes()})


def test_a_group_that_is_lost_takes_the_tenant_away_at_the_next_discovery(issuer: Issuer, north: Location) -> None:
    before = log_in(issuer, "leaver", ["atlas-member", "borealis-reader"])
    discovery.discover(before.user, before.grant.pk, north)
    after = log_in(issuer, "leaver", ["atlas-reader"])
    discovery.discover(after.user, after.grant.pk, north)

    left = Membership.objects.filter(user=after.user).values_list("tenant__project__slug", "role")
    assert list(left) == [("atlas", "reader")]
    assert Tenant.objects.filter(project__slug="borealis").exists()
