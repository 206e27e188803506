"""Security groups that another project shares: read and used as one's own, changed by nobody here."""

import pytest
import requests_mock as mocks
from django.test import Client

from clouds import errors
from clouds.openstack.inventory import network as inventory
from projects.access import Visit
from projects.models import Operation
from services.network.models import Port, SecurityGroup, SecurityGroupRule
from tests import factories
from tests.unit.api_calls import ATLAS
from tests.unit.clouds_fake import NEUTRON, PROJECT, FakeCloud
from tests.unit.clouds_neutron import Neutron
from tests.unit.group_pages import HERE, at, group, rule, text
from tests.unit.group_rows import HTTP
from tests.unit.running import refusals

pytestmark = pytest.mark.django_db


@pytest.fixture
def member(client: Client) -> Client:
    """Make db-internal one that another project shares."""
    cast = factories.cast()
    SecurityGroup.objects.filter(tenant=cast.atlas, name="db-internal").update(owned=False)
    factories.log_in(client, cast.member)
    return client


def test_a_member_reads_the_shared_ones_too(requests_mock: mocks.Mocker) -> None:
    cloud = FakeCloud(requests_mock)
    shared = {"id": "theirs", "name": "default", "tenant_id": "other", "shared": True, "security_group_rules": []}
    cloud.groups = [{"id": "mine", "name": "default", "tenant_id": PROJECT, "security_group_rules": []}, shared]
    with cloud.connection() as connection:
        found = {one.external_id: one.owned for one in inventory.list_security_groups(connection)}
    assert found == {"mine": True, "theirs": False}
    assert "tenant_id" not in requests_mock.last_request.qs  # type: ignore[union-attr]


def test_an_administrator_reads_the_projects_own(requests_mock: mocks.Mocker) -> None:
    cloud = FakeCloud(requests_mock)
    cloud.roles = ["admin"]
    with cloud.connection() as connection:
        inventory.list_security_groups(connection)
    assert requests_mock.last_request.qs["tenant_id"] == [PROJECT]  # type: ignore[union-attr]


@pytest.mark.parametrize("status", [404, 403])
def test_a_cloud_without_address_groups_has_none(requests_mock: mocks.Mocker, status: int) -> None:
    cloud = FakeCloud(requests_mock)
    requests_mock.get(f"{NEUTRON}/v2.0/address-groups", status_code=status, json={"NeutronError": {"message": "no"}})
    with cloud.connection() as connection:
        assert inventory.list_address_groups(connection) == []
    requests_mock.get(f"{NEUTRON}/v2.0/address-groups", status_code=500, text="broken")
    with cloud.connection() as connection, pytest.raises(errors.CloudError):
        inventory.list_address_groups(connection)


def test_its_pages_offer_no_change(member: Client) -> None:
    page = text(member.get(at("db-internal")))
    for offered in ("Add rules", "/edit/", "/delete/", "do/remove-security-group-rules", ">Remove<"):
        assert offered not in page, offered
    assert "another project" in page
    assert ">Remove<" in text(member.get(at("web-public")))
    row = text(member.get(f"{HERE}security-groups/"))
    row = row[row.index(">db-internal<") :]
    assert "shared" in row[: row.index("</tr>")]


@pytest.mark.parametrize(
    ("action", "params"),
    [
        ("add-security-group-rules", {"rules": [HTTP]}),
        ("remove-security-group-rules", {"rule_ids": ["r"]}),
        ("edit-security-group", {"name": "x", "was_name": "web-public", "was_description": ""}),
        ("delete-security-group", {}),
    ],
)
def test_no_action_changes_it(visit: Visit, neutron: Neutron, action: str, params: dict[str, object]) -> None:
    SecurityGroup.objects.filter(external_id="web").update(owned=False)
    ((_field, reason),) = refusals(visit, action, group_id="web", **params)
    assert "belongs to another project" in reason
    assert neutron.changes == []


def test_its_form_is_refused_as_well(member: Client) -> None:
    response = member.post(
        at("db-internal", "rules/"), rule(warned="", what=["http"], end="network", cidr="10.0.0.0/8")
    )
    assert response.status_code == 422
    assert "belongs to another project" in text(response)
    assert not Operation.objects.exists()


def test_a_group_that_stays_unknown_makes_the_answer_incomplete(member: Client) -> None:
    servers = group().tenant.servers.values("external_id")
    port = Port.objects.filter(tenant=group().tenant, device_id__in=servers).first()
    assert port is not None
    Port.objects.filter(pk=port.pk).update(security_group_ids=["theirs"])
    url = f"{ATLAS}/servers/{port.device_id}/reach?port=22"
    said = next(one for one in member.get(url).json() if one["port_id"] == port.external_id)
    assert (said["complete"], said["unknown_group_ids"], said["ways"]) == (False, ["theirs"], [])
    page = text(member.get(f"{HERE}servers/{port.device_id}/?port={port.external_id}"))
    assert "Nobody: the groups let nothing in." not in page
    assert "a group of another project is on the port" in page


def test_a_shared_one_is_read_like_ones_own(member: Client) -> None:
    shared = group("db-internal")
    servers = shared.tenant.servers.values("external_id")
    port = Port.objects.filter(tenant=shared.tenant, device_id__in=servers).first()
    assert port is not None
    Port.objects.filter(pk=port.pk).update(security_group_ids=[shared.external_id])
    low = SecurityGroupRule.objects.filter(group_id=shared.external_id).values_list("port_min", flat=True)[0]
    url = f"{ATLAS}/servers/{port.device_id}/reach?port={low}"
    said = next(one for one in member.get(url).json() if one["port_id"] == port.external_id)
    assert said["complete"] is True
    assert said["ways"]
