"""Changes of networks, routers and floating IPs that can't be: refused beforehand, in words, at their field."""

from typing import Any

import pytest
import requests_mock

from projects import platforms
from projects.access import Visit
from projects.models import Limit
from services.network.models import Subnet
from services.network.networks import addressing
from services.openstack.words import Measure
from tests.unit import l3_cast
from tests.unit.clouds_fake import FakeCloud
from tests.unit.clouds_l3 import L3, PUBLIC
from tests.unit.l3_cast import APP, member_of, reachable, read
from tests.unit.running import refusals

pytestmark = pytest.mark.django_db


# What speaks against it, told beforehand: the action, its params, the field, and words of the reason.
AGAINST: dict[str, tuple[str, dict[str, Any], str, str]] = {
    "no addresses": ("create-network", APP | {"cidr": "app"}, "cidr", "“app” are no addresses"),
    "one address": ("create-network", APP | {"cidr": "10.0.7.5/24"}, "cidr", "is one address of 10.0.7.0/24"),
    "too few": ("create-network", APP | {"cidr": "10.0.7.0/31"}, "cidr", "too few addresses (2)"),
    "multicast": ("create-network", APP | {"cidr": "224.0.0.0/24"}, "cidr", "a meaning of its own"),
    "loopback": ("create-network", APP | {"cidr": "127.0.0.0/24"}, "cidr", "a meaning of its own"),
    "small IPv6": ("create-network", APP | {"cidr": "fd00::/80", "dns_servers": []}, "cidr", "only in a /64"),
    "IPv6 by IPv4": ("create-network", APP | {"ipv6_mode": "slaac"}, "ipv6_mode", "are IPv4 addresses"),
    "gateway outside": ("create-network", APP | {"gateway": "10.0.8.1"}, "gateway", "does not lie in 10.0.7.0/24"),
    "gateway of another kind": ("create-network", APP | {"gateway": "fd00::1"}, "gateway", "does not lie in"),
    "gateway for all": ("create-network", APP | {"gateway": "10.0.7.255"}, "gateway", "can't be one machine's"),
    "no gateway": ("create-network", APP | {"gateway": "first"}, "gateway", "“first” is no address"),
    "no DNS server": ("create-network", APP | {"dns_servers": ["dns.example"]}, "dns_servers", "no address of a DNS"),
    "one twice": ("create-network", APP | {"dns_servers": ["192.0.2.1"] * 2}, "dns_servers", "stands there twice"),
    "too many": (
        "create-network",
        APP | {"dns_servers": [f"192.0.2.{n}" for n in range(6)]},
        "dns_servers",
        "6 DNS servers are more",
    ),
    "router's room": (
        "create-network",
        APP | {"cidr": "10.0.4.0/25", "router_id": "edge"},
        "cidr",
        "overlaps with app (10.0.4.0/24), in which edge is already",
    ),
    "two routers": (
        "create-network",
        APP | {"router_id": "edge", "external_network_id": PUBLIC},
        "router_id",
        "connected to one router",
    ),
    "no router": ("create-network", APP | {"router_id": "gone"}, "router_id", "no such router"),
    "nothing outside": ("create-network", APP | {"external_network_id": "network-1"}, "external_network_id", "no such"),
    "router without gateway": (
        "create-network",
        APP | {"gateway": "none", "router_id": "edge"},
        "gateway",
        "A router needs a gateway address",
    ),
    "subnet in the operator's": (
        "create-subnet",
        {"network_id": PUBLIC, "cidr": "10.0.9.0/24"},
        "network_id",
        "public is the operator's way outside",
    ),
    "subnet of others": (
        "create-subnet",
        {"network_id": "shared", "cidr": "10.0.9.0/24"},
        "network_id",
        "shared-net belongs to another project",
    ),
    "subnet's room": (
        "create-subnet",
        {"network_id": "network-1", "cidr": "10.0.0.0/16"},
        "cidr",
        "overlaps with app (10.0.4.0/24), which is in app-net too",
    ),
    "network of others": (
        "edit-network",
        {"network_id": "shared", "name": "ours"},
        "network_id",
        "can be used, and not",
    ),
    "same name": ("edit-network", {"network_id": "network-1", "name": "app-net"}, "", "what it is called already"),
    "others' network goes": ("delete-network", {"network_id": "shared"}, "network_id", "another project"),
    "network in use": (
        "delete-network",
        {"network_id": "network-1"},
        "network_id",
        "web-01, web-02 are in app-net. Delete them first",
    ),
    "port without a server": (
        "delete-network",
        {"network_id": "network-2"},
        "network_id",
        "A port that is no server's is in lone-net (10.0.6.9)",
    ),
    "subnet in use": ("delete-subnet", {"subnet_id": "subnet-1"}, "subnet_id", "web-01, web-02 are in app."),
    "no subnet": ("delete-subnet", {"subnet_id": "gone"}, "subnet_id", "no such subnet"),
    "two overlapping subnets": (
        "create-router",
        {"name": "r", "subnet_ids": ["subnet-2", "subnet-3"]},
        "subnet_ids",
        "one router can't be in both",
    ),
    "subnet with a router": (
        "create-router",
        {"name": "r", "subnet_ids": ["subnet-1"]},
        "subnet_ids",
        "app has a router already: edge is its gateway 10.0.4.254",
    ),
    "no such subnet": ("create-router", {"name": "r", "subnet_ids": ["gone"]}, "subnet_ids", "no such subnet"),
    "leads there already": (
        "set-router-gateway",
        {"router_id": "edge", "external_network_id": PUBLIC},
        "external_network_id",
        "edge leads to public already",
    ),
    "led through": (
        "clear-router-gateway",
        {"router_id": "edge"},
        "router_id",
        "198.51.100.5 leads through edge. Disassociate it first",
    ),
    "stays inside": ("clear-router-gateway", {"router_id": "inner"}, "router_id", "it stays inside"),
    "is in already": (
        "connect-subnet",
        {"router_id": "edge", "subnet_id": "subnet-1"},
        "subnet_id",
        "edge is in app already",
    ),
    "overlaps there": (
        "connect-subnet",
        {"router_id": "edge", "subnet_id": "subnet-3"},
        "subnet_id",
        "overlaps with app (10.0.4.0/24), in which edge is already",
    ),
    "no gateway address": (
        "connect-subnet",
        {"router_id": "inner", "subnet_id": "subnet-4"},
        "subnet_id",
        "closed has no gateway address",
    ),
    "subnet of the operator": (
        "connect-subnet",
        {"router_id": "inner", "subnet_id": "subnet-shared"},
        "subnet_id",
        "another project",
    ),
    "is not in": ("disconnect-subnet", {"router_id": "inner", "subnet_id": "subnet-1"}, "subnet_id", "is not in app"),
    "led into": (
        "disconnect-subnet",
        {"router_id": "edge", "subnet_id": "subnet-1"},
        "subnet_id",
        "198.51.100.5 leads through edge",
    ),
    "router in use": ("delete-router", {"router_id": "edge"}, "router_id", "198.51.100.5 leads through edge"),
    "none outside": ("allocate-floating-ip", {"network_id": "network-1"}, "network_id", "no such network outside"),
    "none at its server": (
        "allocate-floating-ip",
        {"network_id": PUBLIC, "server_id": "server-1"},
        "server_id",
        "10.0.4.1 of web-01 has a floating IP already: 198.51.100.5",
    ),
    "there already": (
        "associate-floating-ip",
        {"floating_ip_id": "floating-5", "server_id": "server-1"},
        "server_id",
        "198.51.100.5 leads to web-01 already",
    ),
    "address in use": (
        "associate-floating-ip",
        {"floating_ip_id": "floating-6", "server_id": "server-1"},
        "server_id",
        "has a floating IP already: 198.51.100.5",
    ),
    "no way": (
        "associate-floating-ip",
        {"floating_ip_id": "floating-6", "server_id": "server-4"},
        "server_id",
        "No router leads from closed-01 to the network of 198.51.100.6",
    ),
    "no port": (
        "associate-floating-ip",
        {"floating_ip_id": "floating-6", "server_id": "server-5"},
        "server_id",
        "bare-01 has no IPv4 address",
    ),
    "no such address": (
        "associate-floating-ip",
        {"floating_ip_id": "floating-6", "server_id": "server-2", "port_id": "port-1"},
        "server_id",
        "web-02 has no such address",
    ),
    "leads nowhere": (
        "disassociate-floating-ip",
        {"floating_ip_id": "floating-6"},
        "floating_ip_id",
        "198.51.100.6 leads nowhere",
    ),
    "gone": ("release-floating-ip", {"floating_ip_id": "gone"}, "floating_ip_id", "no such floating IP"),
    "reachable": (
        "connect-server",
        {"server_id": "server-1"},
        "server_id",
        "web-01 can be reached at 198.51.100.5 already",
    ),
    "IPv6 only": ("connect-server", {"server_id": "server-5"}, "server_id", "has no IPv4 address"),
    "no gateway to stand at": (
        "connect-server",
        {"server_id": "server-4"},
        "server_id",
        "closed has no gateway address, so no router can go into it",
    ),
    "outside itself": (
        "connect-server",
        {"server_id": "server-6"},
        "server_id",
        "out-01 is in public itself: 198.51.100.9 leads outside as it is",
    ),
    "no port security": (
        "connect-server",
        {"server_id": "server-7"},
        "server_id",
        "Port security is off at 10.0.4.7",
    ),
    "taken address": (
        "connect-server",
        {"server_id": "server-2", "floating_ip_id": "floating-5"},
        "floating_ip_id",
        "not free any more",
    ),
    "no such outside": (
        "connect-server",
        {"server_id": "server-2", "external_network_id": "network-1"},
        "external_network_id",
        "no such network outside",
    ),
}


@pytest.fixture
def l3(requests_mock: requests_mock.Mocker) -> L3:
    return L3(FakeCloud(requests_mock))


@pytest.fixture
def visit(l3: L3) -> Visit:
    return member_of(l3)


@pytest.fixture
def seen(l3: L3, visit: Visit) -> L3:
    """198.51.100.5 leads to server-1, 198.51.100.6 nowhere; app-net has the router edge. All of it was read."""
    reachable(l3)
    read(visit)
    return l3


@pytest.fixture
def town(l3: L3, visit: Visit) -> L3:
    l3_cast.town(l3)
    read(visit)
    return l3


@pytest.mark.parametrize("case", AGAINST)
def test_what_can_not_be_is_refused_at_its_field(town: L3, visit: Visit, case: str) -> None:
    name, params, field, words = AGAINST[case]
    (found, reason), *_more = refusals(visit, name, **params)
    assert (found, words in reason) == (field, True), reason
    assert town.changes == []


@pytest.mark.parametrize(
    ("name", "params", "measure", "field"),
    [
        ("create-network", APP, Measure.NETWORKS, "name"),
        ("create-network", APP, Measure.SUBNETS, "cidr"),
        ("create-network", APP | {"external_network_id": PUBLIC}, Measure.ROUTERS, "external_network_id"),
        ("create-subnet", {"network_id": "network-1", "cidr": "10.0.8.0/24"}, Measure.SUBNETS, "name"),
        ("create-router", {"name": "r"}, Measure.ROUTERS, "name"),
        ("allocate-floating-ip", {"network_id": PUBLIC}, Measure.FLOATING_IPS, "network_id"),
        ("connect-server", {"server_id": "server-2", "floating_ip_id": "new"}, Measure.FLOATING_IPS, "floating_ip_id"),
    ],
)
def test_a_limit_that_is_reached_is_told_where_it_is_felt(
    seen: L3, visit: Visit, name: str, params: dict[str, Any], measure: Measure, field: str
) -> None:
    Limit.objects.update_or_create(tenant=visit.tenant, measure=measure, defaults={"used": 5, "allowed": 5})
    ((found, reason),) = refusals(visit, name, **params)
    assert found == field
    label = str(platforms.measure_of(measure).label)
    assert f"atlas has no {label[0].lower()}{label[1:]} left in north: all 5 are in use." in reason


def test_a_location_without_a_way_outside_says_so(l3: L3, visit: Visit) -> None:
    l3.cloud.networks[:] = [one for one in l3.cloud.networks if one["id"] != PUBLIC]
    read(visit)
    assert refusals(visit, "connect-server", server_id="server-1") == [
        ("external_network_id", "north has no network that leads outside. Its operator would have to make one.")
    ]


def test_the_proposed_addresses_are_free(visit: Visit) -> None:
    tenant = visit.tenant
    read(visit)
    assert addressing.free_cidr(tenant) == "10.0.1.0/24"
    Subnet.objects.filter(tenant=tenant).update(cidr="10.0.0.0/22")
    assert addressing.free_cidr(tenant) == "10.0.4.0/24"
    Subnet.objects.filter(tenant=tenant).update(cidr="10.0.0.0/8")
    assert addressing.free_cidr(tenant) == "192.168.1.0/24"
    Subnet.objects.filter(tenant=tenant).update(cidr="0.0.0.0/0")
    assert addressing.free_cidr(tenant) == ""
