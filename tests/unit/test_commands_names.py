"""What commands call things: by a name that means this thing alone and nothing else, otherwise by the id."""

import shlex
from typing import Any

import pytest
from django.test import Client

from portal.ui.commands import line
from projects.actions import ACTIONS
from projects.models import Resource, Tenant
from projects.pages.command import commands_of
from services.block_storage.models import Snapshot, Volume
from services.compute.models import Server
from services.network.models import Network, Port, Router, SecurityGroup, Subnet
from tests import factories
from tests.operations_factory import operation
from tests.unit.net_rows import text

pytestmark = pytest.mark.django_db

KINDS = [
    (Network, "delete-network", "network_id"),
    (Subnet, "delete-subnet", "subnet_id"),
    (Router, "delete-router", "router_id"),
    (SecurityGroup, "delete-security-group", "group_id"),
    (Server, "stop-server", "server_id"),
    (Volume, "delete-volume", "volume_id"),
    (Snapshot, "delete-snapshot", "snapshot_id"),
]
each_kind = pytest.mark.parametrize(("model", "verb", "param"), KINDS, ids=[one[1] for one in KINDS])


@pytest.fixture
def cast() -> factories.Cast:
    return factories.cast()


def one_of(model: type[Resource], tenant: Tenant) -> Any:
    """Return a row of the kind that has a name."""
    return model._default_manager.filter(tenant=tenant).exclude(name="").order_by("pk")[0]


def twin(row: Any, tenant: Tenant, **values: Any) -> None:
    """Add another thing like it, by default of the same name."""
    same = {one.attname: getattr(row, one.attname) for one in row._meta.concrete_fields if not one.primary_key}
    type(row).objects.create(**same | {"tenant_id": tenant.pk, "external_id": "another"} | values)


def told(row: Any, verb: str, param: str) -> str:
    """Return what the last word of the action's command is."""
    action = ACTIONS[verb]
    (command,) = commands_of(row.tenant, action, action.params.model_validate({param: row.external_id}))
    return shlex.split(line((), command))[-1]


def flat(client: Client, page: str) -> str:
    """Return a page with its commands on one line each."""
    return text(client.get(page)).replace(" \\\n ", "")


@each_kind
def test_a_thing_goes_by_its_name(cast: factories.Cast, model: type[Resource], verb: str, param: str) -> None:
    row = one_of(model, cast.atlas)
    assert told(row, verb, param) == row.name


@each_kind
def test_of_two_with_one_name_each_goes_by_its_id(
    cast: factories.Cast, model: type[Resource], verb: str, param: str
) -> None:
    row = one_of(model, cast.atlas)
    twin(row, cast.atlas_south)
    assert told(row, verb, param) == row.name, "another tenant's things are not meant"
    twin(row, cast.atlas)
    assert told(row, verb, param) == row.external_id


@each_kind
def test_a_name_that_is_anothers_id_is_not_used(
    cast: factories.Cast, model: type[Resource], verb: str, param: str
) -> None:
    row = one_of(model, cast.atlas)
    twin(row, cast.atlas, external_id=row.name, name="innocent")
    assert told(row, verb, param) == row.external_id


@pytest.mark.parametrize(
    "name", ["--os-auth-url=http://attacker.test/v3", "-h", "two\nlines", "a,b", "none", "\x1b[0m"]
)
def test_a_name_that_a_client_may_misread_is_not_used(cast: factories.Cast, name: str) -> None:
    row = one_of(Network, cast.atlas)
    Network.objects.filter(pk=row.pk).update(name=name)
    assert told(row, "delete-network", "network_id") == row.external_id


def test_two_with_one_name_on_the_pages_that_write_more(cast: factories.Cast, client: Client) -> None:
    """Deleting a network disconnects its routers first: those commands name two things each."""
    factories.log_in(client, cast.member)
    Port.objects.filter(device_owner="compute:nova").delete()
    router, subnet = one_of(Router, cast.atlas), Subnet.objects.get(tenant=cast.atlas, name="backup-net-v4")
    page = f"/atlas@north/networks/{subnet.network_id}/delete/"
    assert f"router remove subnet {router.name} {subnet.name}" in flat(client, page)
    twin(router, cast.atlas)
    assert f"router remove subnet {router.external_id} {subnet.name}" in flat(client, page)


def test_of_the_past_a_name_is_shown_unless_another_has_it_now(cast: factories.Cast, client: Client) -> None:
    factories.log_in(client, cast.member)
    row = one_of(Volume, cast.atlas)
    done = operation(cast.atlas, cast.member, "delete-volume", {"volume_id": row.external_id})
    page = f"/atlas@north/operations/{done.pk}/"
    external_id, name = row.external_id, row.name
    row.delete()
    assert f"volume delete {name}" in flat(client, page)
    twin(row, cast.atlas)
    assert f"volume delete {external_id}" in flat(client, page)
