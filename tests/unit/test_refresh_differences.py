"""Only what differs is written, however much there is."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pydantic import BaseModel

from clouds.openstack.inventory import block_storage, compute, image, network, object_store, zones
from projects.models import Resource, Tenant
from projects.refresh.differences import columns, drop, upsert, write
from services.block_storage.models import Snapshot, Volume, VolumeType
from services.compute.models import Flavor, KeyPair, Server
from services.images.models import Image
from services.network.models import (
    FloatingIP,
    Network,
    Port,
    Router,
    SecurityGroup,
    SecurityGroupRule,
    Subnet,
)
from services.object_storage.models import Container
from services.openstack.models import Zone
from tests.unit import clouds_fake
from tests.unit.projects_fixtures import make_location, make_tenant

NOW = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)
LATER = NOW + timedelta(seconds=15)

pytestmark = pytest.mark.django_db


@pytest.fixture
def tenant() -> Tenant:
    return make_tenant(make_location())


def server(number: int, **changes: Any) -> compute.Server:
    return compute.Server.model_validate(clouds_fake.server(number, **changes))


def volume(number: int, **changes: Any) -> block_storage.Volume:
    return block_storage.Volume.model_validate(clouds_fake.volume(number, **changes))


@pytest.mark.parametrize(
    ("model", "seen"),
    [
        (Server, compute.Server),
        (Flavor, compute.Flavor),
        (KeyPair, compute.KeyPair),
        (Zone, zones.Zone),
        (VolumeType, block_storage.VolumeType),
        (Volume, block_storage.Volume),
        (Snapshot, block_storage.Snapshot),
        (SecurityGroup, network.SecurityGroup),
        (SecurityGroupRule, network.SecurityGroupRule),
        (Network, network.Network),
        (Subnet, network.Subnet),
        (Port, network.Port),
        (Router, network.Router),
        (FloatingIP, network.FloatingIP),
        (Image, image.Image),
        (Container, object_store.Container),
    ],
)
def test_every_column_of_the_inventory_is_read_from_the_cloud(model: type[Resource], seen: type[BaseModel]) -> None:
    assert set(columns(model).all) <= set(seen.model_fields)


def test_what_was_read_is_what_stands_in_the_rows(tenant: Tenant) -> None:
    write(tenant, Server, [server(1)], NOW)

    row = Server.objects.get()
    assert (row.external_id, row.name, row.status, row.ram_mb) == ("server-1", "web-01", "ACTIVE", 8192)
    assert row.addresses[0]["address"] == "10.0.4.1"
    assert row.created_at == datetime(2026, 10, 13, 8, 0, tzinfo=UTC)
    assert row.first_seen_at == row.changed_at == NOW


def test_reading_the_same_again_is_one_select_and_writes_nothing(tenant: Tenant) -> None:
    attached = {"attachments": [{"server_id": "s", "device": "/dev/vdb", "attached_at": "2026-10-13T09:00:00.000000"}]}
    write(tenant, Volume, [volume(1, **attached)], NOW)

    with CaptureQueriesContext(connection) as queries:
        assert write(tenant, Volume, [volume(1, **attached)], LATER) == []

    assert len(queries) == 1
    assert Volume.objects.get().changed_at == NOW


def test_a_thousand_servers_that_stayed_cost_one_select(tenant: Tenant) -> None:
    servers = [server(number) for number in range(1000)]
    write(tenant, Server, servers, NOW)

    with CaptureQueriesContext(connection) as queries:
        assert write(tenant, Server, servers, LATER) == []

    assert len(queries) == 1


def test_one_of_a_thousand_that_changed_is_written_alone(tenant: Tenant) -> None:
    write(tenant, Server, [server(number) for number in range(1000)], NOW)

    servers = [server(number, status="SHUTOFF" if number == 7 else "ACTIVE") for number in range(1000)]
    with CaptureQueriesContext(connection) as queries:
        (difference,) = write(tenant, Server, servers, LATER)

    assert difference.external_id == "server-7"
    assert (difference.before or {})["status"] == "ACTIVE"
    assert (difference.after or {})["status"] == "SHUTOFF"
    assert Server.objects.filter(changed_at=LATER).count() == 1
    assert Server.objects.get(external_id="server-7").first_seen_at == NOW
    assert len([query for query in queries if query["sql"].startswith("INSERT")]) == 1


def test_what_the_cloud_no_longer_has_is_deleted(tenant: Tenant) -> None:
    write(tenant, Server, [server(1), server(2)], NOW)

    (difference,) = write(tenant, Server, [server(1)], LATER)

    assert (difference.external_id, difference.after) == ("server-2", None)
    assert [row.external_id for row in Server.objects.all()] == ["server-1"]


def test_an_id_that_comes_twice_is_one_row(tenant: Tenant) -> None:
    write(tenant, Server, [server(1), server(1, name="again")], NOW)

    assert Server.objects.get().name == "again"


def test_rows_of_other_tenants_stay_as_they_are(tenant: Tenant) -> None:
    other = make_tenant(tenant.location, "borealis", "other")
    write(other, Server, [server(1)], NOW)

    write(tenant, Server, [server(1)], NOW)
    write(tenant, Server, [], LATER)

    assert [row.tenant for row in Server.objects.all()] == [other]


def pair(name: str, owner: str, **changes: Any) -> compute.KeyPair:
    seen = compute.KeyPair.model_validate(clouds_fake.key_pair(name, **changes))
    return seen.model_copy(update={"user_id": owner})


def test_key_pairs_of_another_owner_are_neither_compared_nor_deleted(tenant: Tenant) -> None:
    write(tenant, KeyPair, [pair("laptop", "a"), pair("build", "a")], NOW, only={"user_id": "a"})
    write(tenant, KeyPair, [pair("laptop", "b", type="x509")], NOW, only={"user_id": "b"})

    (difference,) = write(tenant, KeyPair, [pair("build", "a")], LATER, only={"user_id": "a"})

    assert (difference.external_id, difference.after) == ("laptop", None)
    assert set(KeyPair.objects.values_list("user_id", "name", "type")) == {
        ("a", "build", "ssh"),
        ("b", "laptop", "x509"),
    }
    assert write(tenant, KeyPair, [], LATER, only={"user_id": "c"}) == []
    assert KeyPair.objects.count() == 2


def test_a_row_lands_with_the_owner_whose_rows_are_written(tenant: Tenant) -> None:
    write(tenant, KeyPair, [pair("laptop", "somebody-else")], NOW, only={"user_id": "a"})

    assert KeyPair.objects.get().user_id == "a"


def test_key_pairs_of_no_owner_can_not_be_written_or_dropped(tenant: Tenant) -> None:
    write(tenant, KeyPair, [pair("laptop", "a")], NOW, only={"user_id": "a"})

    with pytest.raises(ValueError, match="user_id"):
        write(tenant, KeyPair, [], LATER)
    with pytest.raises(ValueError, match="user_id"):
        drop(tenant, KeyPair, ["laptop"])
    assert drop(tenant, KeyPair, ["laptop"], only={"user_id": "b"}) is False
    assert KeyPair.objects.count() == 1


def test_one_key_pair_that_was_made_leaves_the_one_of_the_same_name_of_another(tenant: Tenant) -> None:
    upsert(tenant, KeyPair, [pair("laptop", "b", type="x509")], NOW, keep=frozenset())

    assert upsert(tenant, KeyPair, [pair("laptop", "a")], LATER, keep=frozenset())
    assert not upsert(tenant, KeyPair, [pair("laptop", "a")], LATER, keep=frozenset())
    assert not upsert(tenant, KeyPair, [pair("laptop", "b", type="x509")], LATER, keep=frozenset())
    assert set(KeyPair.objects.values_list("user_id", "type")) == {("a", "ssh"), ("b", "x509")}


def test_compute_and_block_storage_have_zones_of_the_same_name(tenant: Tenant) -> None:
    for service in ("compute", "block-storage"):
        seen = zones.Zone(external_id="nova", name="nova", service=service)
        write(tenant, Zone, [seen], NOW, only={"service": service})

    write(tenant, Zone, [], LATER, only={"service": "compute"})

    assert [(zone.name, zone.service) for zone in Zone.objects.all()] == [("nova", "block-storage")]


def test_columns_to_keep_stay_in_old_rows_and_are_filled_in_new_ones(tenant: Tenant) -> None:
    known = server(1).model_copy(update={"security_groups": [compute.GroupRef(id="group-1", name="web")]})
    write(tenant, Server, [known], NOW)

    differences = write(tenant, Server, [server(1), server(2)], LATER, keep=frozenset({"security_groups"}))

    assert [one.external_id for one in differences] == ["server-2"]
    groups = {row.external_id: row.security_groups for row in Server.objects.all()}
    assert groups == {"server-1": [{"id": "group-1", "name": "web"}], "server-2": [{"id": "", "name": "default"}]}


def test_a_name_that_no_service_would_allow_does_not_end_the_refresh(tenant: Tenant) -> None:
    write(tenant, Server, [server(1, name="x" * 300), server(2, name="a\0b")], NOW)

    names = {row.external_id: row.name for row in Server.objects.all()}
    assert names == {"server-1": "x" * 256, "server-2": "a\N{REPLACEMENT CHARACTER}b"}
    assert write(tenant, Server, [server(1, name="x" * 300), server(2, name="a\0b")], LATER) == []
