"""Rules whose other end is an address group, or is not known here: never anywhere, and never made again as that."""

import pytest
from django.test import Client

from clouds.openstack.inventory.network import SecurityGroupRule as SeenRule
from projects.access import Visit
from projects.models import Operation, Tenant
from projects.operations import again
from services.network import figures
from services.network.models import AddressGroup, Port, SecurityGroup, SecurityGroupRule
from services.network.security_groups import rules
from tests import factories
from tests.unit.api_calls import ATLAS
from tests.unit.clouds_neutron import Neutron, rule
from tests.unit.group_pages import HERE, at, group, other, text
from tests.unit.running import done, undo

pytestmark = pytest.mark.django_db

ADD, REMOVE = "add-security-group-rules", "remove-security-group-rules"
SSH = {"protocol": "tcp", "port_range_min": 22, "port_range_max": 22}
OFFICES = "b0b0b0b0-0000-4000-8000-000000000001"


def read(neutron: Neutron, tenant: Tenant, group_id: str) -> SecurityGroupRule:
    """Write the group's last rule as a refresh does."""
    seen = SeenRule.model_validate(neutron.group(group_id)["security_group_rules"][-1])
    known = SecurityGroupRule.objects.filter(tenant=tenant, group_id=group_id).first()
    assert known is not None
    dates = {"first_seen_at": known.first_seen_at, "changed_at": known.changed_at}
    return SecurityGroupRule.objects.create(tenant=tenant, **dates, **seen.model_dump())


def address_group(tenant: Tenant, *addresses: str) -> AddressGroup:
    row = SecurityGroup.objects.filter(tenant=tenant).first()
    assert row is not None
    dates = {"first_seen_at": row.first_seen_at, "changed_at": row.changed_at}
    return AddressGroup.objects.create(
        tenant=tenant, **dates, external_id=OFFICES, name="offices", addresses=list(addresses)
    )


def rule_at(name: str, **values: object) -> SecurityGroupRule:
    """Give a group of the cast one rule more: 22/tcp from something."""
    row = SecurityGroupRule.objects.filter(tenant=group(name).tenant).first()
    assert row is not None
    row.pk, row.external_id, row.group_id = None, factories.ident(f"rule/{values}"), group(name).external_id
    row.direction, row.ethertype, row.protocol, row.port_min, row.port_max = "ingress", "IPv4", "tcp", 22, 22
    row.remote_cidr = row.remote_group_id = row.description = ""
    for field, value in values.items():
        setattr(row, field, value)
    row.save()
    return row


def test_what_the_cloud_says_of_a_rule_is_read_or_named() -> None:
    plain = SeenRule.model_validate({"id": "r", "security_group_id": "g", "direction": "ingress", **SSH})
    assert (plain.remote_address_group_id, plain.unread) == ("", [])
    about = {"tenant_id": "p", "project_id": "p", "created_at": "2026-10-13T08:00:00Z", "revision_number": 1}
    about |= {"tags": ["a"], "normalized_cidr": "203.0.113.0/24", "belongs_to_default_sg": True, "updated_at": "x"}
    told = {"id": "r", "security_group_id": "g", "direction": "ingress", **about}
    assert SeenRule.model_validate(told).unread == []
    assert SeenRule.model_validate(told | {"remote_address_group_id": OFFICES}).remote_address_group_id == OFFICES
    assert SeenRule.model_validate(told | {"action": "deny", "priority": 1, "x": None}).unread == ["action", "priority"]


@pytest.mark.parametrize("values", [{"remote_address_group_id": OFFICES}, {"unread": ["action"]}])
def test_such_a_rule_is_open_to_nobody_in_words_and_figures(values: dict[str, object]) -> None:
    cast = factories.cast()
    before = figures.security_groups(cast.atlas)["open"]
    row = rule_at("db-internal", **values)
    assert not rules.is_open(row)
    assert rules.key(row) != rules.key(rule_at("db-internal", remote_cidr="0.0.0.0/0"))
    SecurityGroupRule.objects.filter(remote_cidr="0.0.0.0/0", group_id=row.group_id).delete()
    assert figures.security_groups(cast.atlas)["open"] == before


def test_pages_and_the_api_name_the_address_group(client: Client) -> None:
    cast = factories.cast()
    address_group(cast.atlas, "203.0.113.0/24", "198.51.100.7/32", "192.0.2.0/24", "192.0.2.128/25")
    rule_at("db-internal", remote_address_group_id=OFFICES)
    factories.log_in(client, cast.member)
    page = text(client.get(at("db-internal")))
    assert "Address group offices" in page
    assert "203.0.113.0/24, 198.51.100.7/32, 192.0.2.0/24, and 1 more" in page
    assert "Open to anywhere" not in page
    assert "22/tcp from address group offices" in text(client.get(f"{HERE}security-groups/"))
    said = next(one for one in client.get(f"{ATLAS}/address-groups").json()["items"] if one["external_id"] == OFFICES)
    assert (said["name"], said["addresses"][0]) == ("offices", "203.0.113.0/24")


def test_who_reaches_a_server_names_the_address_group(client: Client) -> None:
    cast = factories.cast()
    address_group(cast.atlas, "203.0.113.0/24")
    SecurityGroupRule.objects.filter(group_id=group("db-internal").external_id).delete()
    rule_at("db-internal", remote_address_group_id=OFFICES)
    port = Port.objects.filter(tenant=cast.atlas, device_id__in=cast.atlas.servers.values("external_id")).first()
    assert port is not None
    Port.objects.filter(pk=port.pk).update(security_group_ids=[group("db-internal").external_id])
    factories.log_in(client, cast.member)
    page = text(client.get(f"{HERE}servers/{port.device_id}/?port={port.external_id}&to=22"))
    assert "open to anywhere" not in page
    assert "offices" in page
    url = f"{ATLAS}/servers/{port.device_id}/reach?port=22"
    said = next(one for one in client.get(url).json() if one["port_id"] == port.external_id)
    assert [way["anywhere"] for way in said["ways"]] == [False]


def test_what_is_not_known_is_said_so(client: Client) -> None:
    cast = factories.cast()
    SecurityGroupRule.objects.filter(group_id=group("db-internal").external_id).delete()
    rule_at("db-internal", unread=["action"], remote_cidr="0.0.0.0/0")
    factories.log_in(client, cast.member)
    page = text(client.get(at("db-internal")))
    assert "What is not read here (action)" in page
    assert "Not known" in page
    assert "Open to anywhere" not in page
    servers = cast.atlas.servers.values("external_id")
    port = Port.objects.filter(tenant=cast.atlas, device_id__in=servers).first()
    assert port is not None
    Port.objects.filter(pk=port.pk).update(security_group_ids=[group("db-internal").external_id])
    url = f"{ATLAS}/servers/{port.device_id}/reach?port=443"
    said = next(one for one in client.get(url).json() if one["port_id"] == port.external_id)
    assert said["complete"] is False
    assert [(way["anywhere"], way["unread"]) for way in said["ways"]] == [(False, ["action"])]


def test_a_rule_from_anywhere_is_no_double_of_one_from_an_address_group(visit: Visit, neutron: Neutron) -> None:
    group_of_rules = neutron.group("web")["security_group_rules"]
    group_of_rules.append(rule("web", **SSH, remote_address_group_id=OFFICES))
    read(neutron, visit.tenant, "web")
    wanted = {"protocol": "tcp", "port_min": 22, "port_max": 22, "remote_cidr": "0.0.0.0/0"}
    done(visit, ADD, group_id="web", rules=[wanted])
    assert ("ingress", "tcp", 22, "0.0.0.0/0") in neutron.rules("web")


def test_undo_brings_back_exactly_the_rule_that_was_removed(visit: Visit, neutron: Neutron) -> None:
    address_group(visit.tenant, "203.0.113.0/24")
    made = rule("web", **SSH, remote_address_group_id=OFFICES)
    neutron.group("web")["security_group_rules"] = [made]
    read(neutron, visit.tenant, "web")
    operation = done(visit, REMOVE, group_id="web", rule_ids=[made["id"]])
    assert neutron.rules("web") == []
    assert undo(visit, operation).state == Operation.State.DONE
    (again,) = neutron.group("web")["security_group_rules"]
    assert {**again, "id": ""} == {**made, "id": ""}


def test_what_is_not_wholly_known_is_not_made_again(visit: Visit, neutron: Neutron) -> None:
    made = rule("web", **SSH, remote_ip_prefix="0.0.0.0/0", action="deny")
    neutron.group("web")["security_group_rules"] = [made]
    read(neutron, visit.tenant, "web")
    operation = done(visit, REMOVE, group_id="web", rule_ids=[made["id"]])
    assert operation.note == ""
    assert operation.memory["was"] == []
    assert again.undoing(operation) is None


def test_a_form_shows_an_address_group_among_what_is_open_already(client: Client) -> None:
    cast = factories.cast()
    rule_at("web-public", remote_address_group_id=OFFICES)
    factories.log_in(client, cast.member)
    seen = text(client.post(at("web-public", "rules/"), other(ports="22") | {"preview": "1"}))
    assert "22/tcp" in seen
    assert "opens" in seen
