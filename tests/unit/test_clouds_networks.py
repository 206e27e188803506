"""What can be done with networks and subnets: the request that each change makes, and what comes of it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests_mock

from clouds.openstack import networks
from clouds.openstack.inventory.network import Network, Router, Subnet
from clouds.openstack.session import Connection
from tests.unit.clouds_changes import (
    OP,
    V2,
    Change,
    check_faults,
    check_marked,
    check_missing_service,
    check_no_answers,
    check_request,
    since_login,
    without,
)
from tests.unit.clouds_fake import PROJECT, FakeCloud, port

# The SDK warns about its own plans whenever it is started.
pytestmark = pytest.mark.filterwarnings("ignore::openstack.warnings.RemovedInSDK50Warning")

CREATED = {"status_code": 201}
GONE = {"status_code": 204}


def network(number: int, **changes: Any) -> dict[str, Any]:
    """Return a network as Neutron tells it."""
    return {
        "id": f"network-{number}",
        "name": "app",
        "description": "",
        "status": "ACTIVE",
        "tenant_id": PROJECT,
        "router:external": False,
        **changes,
    }


def subnet(number: int, **changes: Any) -> dict[str, Any]:
    """Return a subnet as Neutron tells it."""
    return {
        "id": f"subnet-{number}",
        "name": "app",
        "description": "",
        "network_id": "network-1",
        "ip_version": 4,
        "cidr": "10.0.4.0/24",
        "gateway_ip": "10.0.4.1",
        "enable_dhcp": True,
        **changes,
    }


NETWORK, SUBNET = f"{V2}/networks/network-1", f"{V2}/subnets/subnet-1"
CHANGES = {
    "get a network": Change(
        lambda c: networks.get(c, "network-1"),
        "GET",
        NETWORK,
        None,
        {"json": {"network": network(1)}},
        Network.model_validate(network(1)),
        no_answers=without("network"),
    ),
    "get a foreign network": Change(
        lambda c: networks.get(c, "network-1").owned,
        "GET",
        NETWORK,
        None,
        {"json": {"network": network(1, tenant_id="other", shared=True)}},
        False,
    ),
    "create a network": Change(
        lambda c: networks.create(c, name="app", mark=OP),
        "POST",
        f"{V2}/networks",
        {"network": {"name": "app", "description": OP}},
        {**CREATED, "json": {"network": network(9)}},
        "network-9",
        no_answers=without("network"),
    ),
    "update a network": Change(
        lambda c: networks.update(c, "network-1", name="web", description=""),
        "PUT",
        NETWORK,
        {"network": {"name": "web", "description": ""}},
        {"json": {"network": network(1, name="web")}},
        Network.model_validate(network(1, name="web")),
        no_answers=without("network"),
    ),
    "delete a network": Change(lambda c: networks.delete(c, "network-1"), "DELETE", NETWORK, None, GONE, None),
    "get a subnet": Change(
        lambda c: networks.get_subnet(c, "subnet-1"),
        "GET",
        SUBNET,
        None,
        {"json": {"subnet": subnet(1)}},
        Subnet.model_validate(subnet(1)),
        no_answers=without("subnet"),
    ),
    "create a subnet": Change(
        lambda c: networks.create_subnet(c, network_id="network-1", name="app", cidr="10.0.4.0/24", mark=OP),
        "POST",
        f"{V2}/subnets",
        {
            "subnet": {
                "network_id": "network-1",
                "name": "app",
                "description": OP,
                "ip_version": 4,
                "cidr": "10.0.4.0/24",
                "enable_dhcp": True,
            }
        },
        {**CREATED, "json": {"subnet": subnet(9)}},
        "subnet-9",
        no_answers=without("subnet"),
    ),
    "create a subnet without a way out": Change(
        lambda c: networks.create_subnet(
            c, network_id="network-1", name="app", cidr="10.0.4.0/24", gateway="", dhcp=False, mark=OP
        ),
        "POST",
        f"{V2}/subnets",
        {
            "subnet": {
                "network_id": "network-1",
                "name": "app",
                "description": OP,
                "ip_version": 4,
                "cidr": "10.0.4.0/24",
                "enable_dhcp": False,
                "gateway_ip": None,
            }
        },
        {**CREATED, "json": {"subnet": subnet(9)}},
        "subnet-9",
    ),
    "create a subnet of IPv6": Change(
        lambda c: networks.create_subnet(
            c,
            network_id="network-1",
            name="six",
            cidr="2001:db8::/64",
            gateway="2001:db8::1",
            dns_servers=("2001:db8::53",),
            ipv6_mode="slaac",
            mark=OP,
        ),
        "POST",
        f"{V2}/subnets",
        {
            "subnet": {
                "network_id": "network-1",
                "name": "six",
                "description": OP,
                "ip_version": 6,
                "cidr": "2001:db8::/64",
                "enable_dhcp": True,
                "gateway_ip": "2001:db8::1",
                "dns_nameservers": ["2001:db8::53"],
                "ipv6_ra_mode": "slaac",
                "ipv6_address_mode": "slaac",
            }
        },
        {**CREATED, "json": {"subnet": subnet(9)}},
        "subnet-9",
    ),
    "rename a subnet": Change(
        lambda c: networks.update_subnet(c, "subnet-1", name="web", description="ours"),
        "PUT",
        SUBNET,
        {"subnet": {"name": "web", "description": "ours"}},
        {"json": {"subnet": subnet(1, name="web")}},
        Subnet.model_validate(subnet(1, name="web")),
        no_answers=without("subnet"),
    ),
    "change a subnet": Change(
        lambda c: networks.update_subnet(c, "subnet-1", dhcp=False, dns_servers=()).external_id,
        "PUT",
        SUBNET,
        {"subnet": {"enable_dhcp": False, "dns_nameservers": []}},
        {"json": {"subnet": subnet(1)}},
        "subnet-1",
    ),
    "delete a subnet": Change(lambda c: networks.delete_subnet(c, "subnet-1"), "DELETE", SUBNET, None, GONE, None),
}
TELLING = {name: change for name, change in CHANGES.items() if change.no_answers}


@pytest.fixture
def cloud(requests_mock: requests_mock.Mocker) -> FakeCloud:
    return FakeCloud(requests_mock)


@pytest.fixture
def connection(cloud: FakeCloud) -> Iterator[Connection]:
    with cloud.connection() as connection:
        yield connection


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_is_one_request(cloud: FakeCloud, change: Change) -> None:
    check_request(cloud, change)


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_fault_is_its_error(cloud: FakeCloud, change: Change) -> None:
    check_faults(cloud, change)


@pytest.mark.parametrize("change", TELLING.values(), ids=TELLING)
def test_what_is_no_answer_is_garbled(cloud: FakeCloud, change: Change) -> None:
    check_no_answers(cloud, change)


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_cloud_without_networks_is_not_asked(cloud: FakeCloud, change: Change) -> None:
    check_missing_service(cloud, change)


@pytest.mark.parametrize(
    ("collection", "row", "find"),
    [
        ("networks", network, networks.find_marked),
        ("subnets", subnet, networks.find_marked_subnets),
    ],
)
def test_what_is_marked_is_found_on_every_page_and_nothing_else(
    cloud: FakeCloud, collection: str, row: Callable[..., dict[str, Any]], find: Callable[[Connection, str], list[Any]]
) -> None:
    check_marked(cloud, collection, row, find)


def test_a_network_has_the_ports_in_it_and_no_others(cloud: FakeCloud, connection: Connection) -> None:
    # This cloud ignores the filter.
    cloud.ports = [port(1), port(2, network_id="network-2"), port(3, device_owner="network:router_interface")]
    assert [one.external_id for one in networks.ports_of(connection, "network-1")] == ["port-1", "port-3"]
    (request,) = since_login(cloud)
    assert request.qs["network_id"] == ["network-1"]


@pytest.mark.parametrize("row", [Subnet, Router])
def test_descriptions_that_the_portal_does_not_keep_are_no_columns(row: type[Subnet] | type[Router]) -> None:
    seen = row.model_validate({"id": "one", "network_id": "network-1", "description": OP})
    assert seen.description == OP
    assert "description" not in seen.model_dump()
