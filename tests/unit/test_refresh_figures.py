"""The headline figures say what the rows say."""

from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest

from projects import figures
from projects.kinds import KINDS
from projects.models import Reading, Resource, Tenant
from services.block_storage.models import Snapshot, Volume
from services.compute.models import Flavor, Server
from services.compute.servers import figures as server_figures
from services.images.models import Image
from services.network.models import FloatingIP, Network, SecurityGroup, SecurityGroupRule, Subnet
from services.object_storage.models import Container
from services.openstack.words import Service
from services.service_users.models import ServiceUser
from tests.unit.projects_fixtures import make_location, make_tenant, make_user

NOW = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)


@pytest.fixture
def tenant(db: None) -> Tenant:
    made = make_tenant(make_location())
    Reading.objects.bulk_create(Reading(tenant=made, service=one, as_of=NOW, tried_at=NOW) for one in Service)
    return made


def add(model: type[Resource], tenant: Tenant, number: int, **fields: Any) -> None:
    model._default_manager.create(
        tenant=tenant, external_id=f"{model.__name__}-{number}", first_seen_at=NOW, changed_at=NOW, **fields
    )


def test_what_was_never_read_has_no_figure(tenant: Tenant) -> None:
    Reading.objects.filter(service=Service.NETWORK).update(as_of=None, reason="Network did not answer in time.")
    Reading.objects.filter(service=Service.OBJECT_STORE).delete()

    assert set(figures.measure(tenant)) == {"servers", "volumes", "snapshots", "images"}


def test_servers_are_counted_by_what_they_do(tenant: Tenant) -> None:
    states = [
        ("ACTIVE", ""),
        ("ACTIVE", "powering-off"),
        ("SHUTOFF", ""),
        ("BUILD", "spawning"),
        ("ERROR", "deleting"),
        ("VERIFY_RESIZE", ""),
        ("NEWER_THAN_US", ""),
    ]
    for number, (status, task_state) in enumerate(states):
        add(Server, tenant, number, status=status, task_state=task_state, vcpus=2, ram_mb=4096)

    servers = figures.measure(tenant)["servers"]

    assert servers == {
        "total": 7,
        "running": 1,
        "stopped": 1,
        "working": 2,
        "error": 1,
        "other": 2,
        "vcpus": 14,
        "ram_mb": 7 * 4096,
        "fleet": ["running", "stopped", "working", "working", "error", "other", "other"],
    }
    assert figures.is_changing(tenant)


def test_an_empty_tenant_has_zeros_and_no_nulls(tenant: Tenant) -> None:
    def numbers(values: dict[str, Any]) -> list[Any]:
        return [n for value in values.values() for n in (numbers(value) if isinstance(value, dict) else [value])]

    assert all(number in (0, []) and number is not None for number in numbers(figures.measure(tenant)))
    assert not figures.is_changing(tenant)


def test_a_volume_is_in_exactly_one_of_the_groups(tenant: Tenant) -> None:
    attached = [{"server_id": "s", "device": "/dev/vdb", "attached_at": None}]
    for number, (status, attachments) in enumerate(
        [("in-use", attached), ("available", []), ("error", []), ("error", attached), ("attaching", []), ("odd", [])]
    ):
        add(Volume, tenant, number, status=status, size_gb=10, attachments=attachments)

    assert figures.measure(tenant)["volumes"] == {
        "total": 6,
        "attached": 1,
        "free": 2,
        "error": 2,
        "working": 1,
        "gb": 60,
    }


def test_the_other_figures_count_their_rows(tenant: Tenant) -> None:
    add(Snapshot, tenant, 1, status="available", size_gb=5, volume_id="v")
    add(Image, tenant, 1, status="active", visibility="public")
    add(Image, tenant, 2, status="active", visibility="private", owned=True)
    add(FloatingIP, tenant, 1, address="203.0.113.5", status="ACTIVE", network_id="n", port_id="p")
    add(FloatingIP, tenant, 2, address="203.0.113.6", status="DOWN", network_id="n")
    add(Network, tenant, 1, status="ACTIVE")
    add(Network, tenant, 2, status="ACTIVE", owned=False, external=True)
    add(Subnet, tenant, 1, network_id="Network-1", cidr="10.0.0.0/24")
    add(Subnet, tenant, 2, network_id="Network-2", cidr="203.0.113.0/24")
    add(Container, tenant, 1, objects_count=3, bytes_used=100)
    add(Container, tenant, 2, objects_count=1, bytes_used=5_000_000_000)

    seen = figures.measure(tenant)

    assert seen["snapshots"] == {"total": 1, "gb": 5}
    assert seen["images"] == {"total": 2, "owned": 1}
    assert seen["floating_ips"] == {"total": 2, "in_use": 1, "idle": 1}
    assert seen["networks"] == {"total": 1, "visible": 2}
    assert seen["subnets"] == {"total": 1}
    assert seen["containers"] == {"total": 2, "objects": 4, "bytes": 5_000_000_100}


@pytest.mark.parametrize(
    ("rule", "is_open"),
    [
        ({"direction": "ingress", "remote_cidr": "0.0.0.0/0"}, 1),
        ({"direction": "ingress", "remote_cidr": "::/0"}, 1),
        ({"direction": "ingress"}, 1),
        ({"direction": "ingress", "remote_cidr": "10.0.0.0/8"}, 0),
        ({"direction": "ingress", "remote_group_id": "other"}, 0),
        ({"direction": "ingress", "remote_address_group_id": "other"}, 0),
        ({"direction": "ingress", "remote_cidr": "0.0.0.0/0", "unread": ["action"]}, 0),
        ({"direction": "egress", "remote_cidr": "0.0.0.0/0"}, 0),
    ],
)
def test_a_group_is_open_when_anybody_may_come_in(tenant: Tenant, rule: dict[str, Any], is_open: int) -> None:
    add(SecurityGroup, tenant, 1)
    add(SecurityGroupRule, tenant, 1, group_id="SecurityGroup-1", ethertype="IPv4", **rule)
    add(SecurityGroupRule, tenant, 2, group_id="SecurityGroup-1", ethertype="IPv4", **rule)

    assert figures.measure(tenant)["security_groups"] == {"total": 1, "visible": 1, "rules": 2, "open": is_open}


def test_the_fleet_strip_keeps_every_state_when_there_are_more_servers_than_bars() -> None:
    strip = server_figures.fleet(Counter(running=995, stopped=3, error=1, other=1))

    assert len(strip) == server_figures.FLEET_LENGTH
    assert strip == ["running"] * 57 + ["stopped", "error", "other"]


def test_a_long_fleet_strip_is_in_proportion() -> None:
    assert Counter(server_figures.fleet(Counter(running=500, stopped=300, working=200))) == Counter(
        running=30, stopped=18, working=12
    )


_NEEDS: dict[type[Resource], dict[str, Any]] = {
    Network: {"owned": True},
    Image: {"owned": True},
    Subnet: {"network_id": "Network-1"},
    Volume: {"size_gb": 1},
    Snapshot: {"size_gb": 1},
    FloatingIP: {"address": "198.51.100.4"},
    Flavor: {"vcpus": 1, "ram_mb": 1, "disk_gb": 1, "ephemeral_gb": 0, "public": True},
}


_MODELS = [kind.model for kind in KINDS.values()]


@pytest.mark.parametrize("model", _MODELS, ids=lambda model: model.__name__)
def test_the_figures_that_a_model_counts_in_are_measured_again_when_its_rows_change(
    tenant: Tenant, model: type[Resource]
) -> None:
    add(Network, tenant, 1, owned=True)
    add(Subnet, tenant, 1, network_id="Network-2")
    before = figures.measure(tenant)
    owner = {"owner": make_user()} if model is ServiceUser else {}
    add(model, tenant, 2, **_NEEDS.get(model, {}), **owner)
    assert {**before, **figures.measure(tenant, figures.parts_of(model))} == figures.measure(tenant)


def test_every_figure_is_counted_in_some_model() -> None:
    assert {part for model in _MODELS for part in figures.parts_of(model)} == set(figures.parts())
