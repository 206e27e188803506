"""Create a network: what it refuses and makes, and its page."""

from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from projects.access import Visit
from projects.actions import ACTIONS
from projects.models import Limit, Operation, Tenant
from services.network.models import Network
from services.openstack.words import Measure
from tests import factories
from tests.unit.clouds_l3 import L3, PUBLIC
from tests.unit.l3_cast import APP, go, read
from tests.unit.net_rows import HERE, LIVE, edge, net, text, the_operation
from tests.unit.running import ask, done, refusals

pytestmark = pytest.mark.django_db

State = Operation.State


@pytest.mark.parametrize(
    ("params", "field", "words"),
    [
        (APP | {"cidr": "app"}, "cidr", "“app” is not a valid subnet"),
        (APP | {"cidr": "10.0.7.5/24"}, "cidr", "is an address inside 10.0.7.0/24"),
        (APP | {"cidr": "10.0.7.0/31"}, "cidr", "too few addresses (2)"),
        (APP | {"cidr": "224.0.0.0/24"}, "cidr", "is reserved"),
        (APP | {"cidr": "127.0.0.0/24"}, "cidr", "is reserved"),
        (APP | {"cidr": "fd00::/80", "dns_servers": []}, "cidr", "needs a /64"),
        (APP | {"ipv6_mode": "slaac"}, "ipv6_mode", "is an IPv4 subnet"),
        (APP | {"gateway": "10.0.8.1"}, "gateway", "is not in 10.0.7.0/24"),
        (APP | {"gateway": "fd00::1"}, "gateway", "is not in"),
        (APP | {"gateway": "10.0.7.255"}, "gateway", "network or broadcast address"),
        (APP | {"gateway": "first"}, "gateway", "“first” is not a valid address"),
        (APP | {"dns_servers": ["dns.example"]}, "dns_servers", "address of a DNS server"),
        (APP | {"dns_servers": ["192.0.2.1"] * 2}, "dns_servers", "is listed twice"),
        (APP | {"dns_servers": [f"192.0.2.{n}" for n in range(6)]}, "dns_servers", "at most 5 DNS servers, not 6"),
        (
            APP | {"cidr": "10.0.4.0/25", "router_id": "edge"},
            "cidr",
            "overlaps with app (10.0.4.0/24), in which edge is already",
        ),
        (APP | {"router_id": "edge", "external_network_id": PUBLIC}, "router_id", "not both"),
        (APP | {"router_id": "gone"}, "router_id", "no such router"),
        (APP | {"external_network_id": "network-1"}, "external_network_id", "no such"),
        (APP | {"gateway": "none", "router_id": "edge"}, "gateway", "A router needs a gateway address"),
    ],
)
def test_it_refuses_what_cannot_be(town: L3, visit: Visit, params: dict[str, Any], field: str, words: str) -> None:
    (found, reason), *_more = refusals(visit, "create-network", **params)
    assert (found, words in reason) == (field, True), reason
    assert town.changes == []


def test_it_makes_the_network_with_its_subnet_and_has_no_undo(l3: L3, visit: Visit) -> None:
    read(visit)
    operation = done(visit, "create-network", **APP)
    assert [one["description"] for one in l3.named("networks", "shop")] == ["The shop"]
    assert [one["cidr"] for one in l3.named("subnets", "shop")] == ["10.0.7.0/24"]
    assert Network.objects.filter(tenant=visit.tenant, name="shop").exists()
    action = ACTIONS["create-network"]
    assert action.undo(operation, action.params.model_validate(operation.params)) is None


def test_a_quota_that_ends_half_way_says_what_stands(l3: L3, visit: Visit) -> None:
    read(visit)
    over = {"NeutronError": {"type": "OverQuota", "message": "Quota exceeded for resources: ['subnet'].", "detail": ""}}
    l3.cloud.mock.post("http://cloud.test:9696/v2.0/subnets", status_code=409, json=over)
    operation = go(ask(visit, "create-network", **APP))
    assert (operation.state, operation.code) == (State.FAILED, "quota_exceeded")
    assert operation.note == "The network shop was made and is kept, without a subnet."
    assert l3.named("networks", "shop")[0]["description"] == "The shop"  # and not the operation's id


def test_the_same_by_terraform(seen: L3, visit: Visit) -> None:
    action = ACTIONS["create-network"]
    wanted = action.params.model_validate(APP | {"external_network_id": PUBLIC})
    assert (
        action.terraform(visit.tenant, wanted, {})
        == """\
resource "openstack_networking_network_v2" "shop" {
  name        = "shop"
  description = "The shop"
}

resource "openstack_networking_subnet_v2" "shop" {
  name            = "shop"
  network_id      = openstack_networking_network_v2.shop.id
  cidr            = "10.0.7.0/24"
  ip_version      = 4
  dns_nameservers = ["192.0.2.53"]
}

resource "openstack_networking_router_v2" "shop-router" {
  name                = "shop-router"
  external_network_id = "public-1"
}

resource "openstack_networking_router_interface_v2" "shop" {
  router_id = openstack_networking_router_v2.shop-router.id
  subnet_id = openstack_networking_subnet_v2.shop.id
}"""
    )


CREATE = f"{HERE}networks/create/"


def fill(**values: str) -> dict[str, str]:
    """Return a filled form of a new network."""
    return {"name": "shop-net", "cidr": "10.0.7.0/24", "connect": "inside", "dhcp": "on", "key": "k1", **values}


def test_a_new_network_begins_with_free_addresses_and_the_way_by_the_router(member: Client) -> None:
    form = member.get(CREATE).context["form"]
    assert form["cidr"].value() == "10.0.1.0/24"
    assert form["dns_servers"].value() == "192.0.2.53"
    assert form["connect"].value() == f"router {edge().external_id}"
    page = text(member.get(CREATE))
    assert "Room for 253 servers." in page
    assert "The router's address. Empty: 10.0.1.1, the first one." in page
    assert "router add subnet main NAME" in page


def test_a_network_is_asked_for_with_its_way(member: Client) -> None:
    response = member.post(CREATE, fill(connect=f"router {edge().external_id}", description="Shop"))
    operation = the_operation()
    assert response["Location"] == f"{HERE}networks/?op={operation.pk}"
    assert operation.params == {
        "name": "shop-net",
        "description": "Shop",
        "cidr": "10.0.7.0/24",
        "gateway": "auto",
        "dhcp": True,
        "dns_servers": [],
        "ipv6_mode": "",
        "router_id": edge().external_id,
        "external_network_id": "",
    }
    assert operation.targets.get().external_id == edge().external_id


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"connect": "inside"}, {"router_id": "", "external_network_id": ""}),
        ({"gateway": "None"}, {"gateway": "none"}),
        ({"gateway": " 10.0.7.9 "}, {"gateway": "10.0.7.9"}),
        ({"dns_servers": "192.0.2.1, 192.0.2.2;"[:-1]}, {"dns_servers": ["192.0.2.1", "192.0.2.2"]}),
        ({"dns_servers": "192.0.2.1  192.0.2.2,"}, {"dns_servers": ["192.0.2.1", "192.0.2.2"]}),
        ({"dhcp": ""}, {"dhcp": False}),
    ],
)
def test_what_is_typed_becomes_what_is_asked_for(member: Client, typed: dict[str, str], said: dict[str, Any]) -> None:
    assert member.post(CREATE, fill(**typed)).status_code == 302
    assert said.items() <= the_operation().params.items()


def test_a_network_may_bring_its_router(member: Client, atlas: Tenant) -> None:
    public = net("public").external_id
    page = text(member.post(CREATE, fill(connect=f"new {public}"), headers=LIVE))
    assert "router create --external-gateway=public" in page.replace(" \\\n ", "")
    assert "Create and connect" in page
    member.post(CREATE, fill(connect=f"new {public}"))
    assert the_operation().params["external_network_id"] == public


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"cidr": "10.0.4.128/25", "connect": "edge"}, "cidr", "overlaps with app-net-v4 (10.0.4.0/24)"),
        ({"cidr": "10.0.7.9/24"}, "cidr", "is an address inside 10.0.7.0/24"),
        ({"cidr": "shop"}, "cidr", "is not a valid subnet"),
        ({"gateway": "10.0.8.1"}, "gateway", "is not in 10.0.7.0/24"),
        ({"gateway": "first"}, "gateway", "is not a valid address"),
        ({"dns_servers": "dns.example"}, "dns_servers", "is not a valid address of a DNS server"),
        ({"connect": "router gone"}, "connect", "Select a valid choice"),
        ({"name": ""}, "name", "This field is required"),
        ({"name": "x" * 256}, "name", "at most 255"),
        ({"connect": "edge", "gateway": "none"}, "gateway", "A router needs a gateway address"),
    ],
)
def test_what_can_not_be_is_said_beside_its_field_and_kept(
    member: Client, typed: dict[str, str], field: str, words: str
) -> None:
    if typed.get("connect") == "edge":
        typed = {**typed, "connect": f"router {edge().external_id}"}
    response = member.post(CREATE, fill(**typed))
    assert response.status_code == 422
    form = response.context["form"]
    assert list(form.errors) == [field]
    assert words in str(form.errors[field])
    assert form[field].value() == typed[field]
    assert not Operation.objects.exists()


def test_a_refusal_offers_what_would_do(member: Client) -> None:
    page = text(member.post(CREATE, fill(cidr="10.0.7.9/24")))
    assert "Use 10.0.7.0/24" in page
    page = text(member.post(CREATE, fill(cidr="10.0.4.0/24", connect=f"router {edge().external_id}")))
    assert "Use 10.0.1.0/24" in page


def test_the_limits_are_told_where_they_are_felt(member: Client, atlas: Tenant) -> None:
    factories.limits(atlas, networks=(5, 5), routers=(1, 1))
    form = member.post(CREATE, fill(connect=f"new {net('public').external_id}")).context["form"]
    assert "all 5 are in use" in str(form.errors["name"])
    assert "all 1 are in use" in str(form.errors["connect"])
    left = {one.label: (one.used, one.adds) for one in member.get(CREATE).context["quotas"]}
    assert left == {"Networks": (5, 1), "Subnets": (2, 1), "Routers": (1, 0)}


def test_a_form_that_another_form_lacks_leads_back_to_it(member: Client) -> None:
    back = f"{HERE}servers/create/?draft=k2"
    response = member.post(f"{CREATE}?{urlencode({'next': back})}", fill())
    assert response["Location"] == f"{back}&op={the_operation().pk}"
    assert text(member.get(f"{CREATE}?{urlencode({'next': back})}")).count(back.replace("&", "&amp;")) == 1


def test_limits_that_no_service_has_told_refuse_nothing(member: Client) -> None:
    Limit.objects.filter(measure__in=[Measure.NETWORKS, Measure.SUBNETS]).delete()
    assert member.post(CREATE, fill()).status_code == 302
