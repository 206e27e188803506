"""Changes of networks, routers and floating IPs that can't be: refused beforehand, in words, at their field."""

from typing import Any

import pytest
import requests_mock

from projects import platforms
from projects.access import Visit
from projects.models import Limit
from services.openstack.words import Measure
from tests.unit import l3_cast
from tests.unit.clouds_fake import FakeCloud
from tests.unit.clouds_l3 import L3, PUBLIC
from tests.unit.l3_cast import APP, member_of, reachable, read
from tests.unit.running import refusals

pytestmark = pytest.mark.django_db


# What speaks against it, told beforehand: the action, its params, the field, and words of the reason.
AGAINST: dict[str, tuple[str, dict[str, Any], str, str]] = {
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
        "closed has no gateway address, so no router can be connected",
    ),
    "outside itself": (
        "connect-server",
        {"server_id": "server-6"},
        "server_id",
        "out-01 is in the external network public itself",
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
        "no such external network",
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
        ("external_network_id", "north has no external network. Its operator has to create one.")
    ]
