"""Neutron: operations on one network or one subnet. Source: docs.openstack.org/api-ref/network/v2.

Every function makes one request and has finished when it returns; a list takes one request per page. A newly created
network or subnet has the mark as its description; `update` and `update_subnet` write the requested one.
"""

from collections.abc import Sequence
from typing import Any

from pydantic import TypeAdapter

from clouds.openstack.inventory.network import Network, Port, Subnet
from clouds.openstack.paging import get_part, part_of, read_all
from clouds.openstack.resources import created_id, find_described, given, path
from clouds.openstack.services import Service
from clouds.openstack.session import Connection

_NETWORK = TypeAdapter(Network)
_NETWORKS = TypeAdapter(list[Network])
_SUBNET = TypeAdapter(Subnet)
_SUBNETS = TypeAdapter(list[Subnet])
_PORTS = TypeAdapter(list[Port])


def get(connection: Connection, network_id: str) -> Network:
    """Return the network. NotFound if there is none."""
    return _own(connection, get_part(connection, Service.NETWORK, path("networks", network_id), ("network",), _NETWORK))


def find_marked(connection: Connection, mark: str) -> list[Network]:
    """Return the project's networks whose description is the mark."""
    return find_described(connection, "networks", "networks", _NETWORKS, mark)


def ports_of(connection: Connection, network_id: str) -> list[Port]:
    """Return the network's ports: all for its owner, else the project's own. Empty if there is no such network."""
    ports = read_all(connection, Service.NETWORK, "/ports", "ports", _PORTS, {"network_id": network_id})
    return [port for port in ports if port.network_id == network_id]


def create(connection: Connection, *, name: str, mark: str) -> str:
    """Create a network without subnets and return its id. QuotaExceeded."""
    body = {"network": {"name": name, "description": mark}}
    response = connection.send(Service.NETWORK, "POST", "/networks", body, expect=(201,))
    return created_id(Service.NETWORK, response, "network")


def update(
    connection: Connection, network_id: str, *, name: str | None = None, description: str | None = None
) -> Network:
    """Set the network's name, its description, or both, and return it."""
    body = {"network": given(name=name, description=description)}
    response = connection.send(Service.NETWORK, "PUT", path("networks", network_id), body, expect=(200,))
    return _own(connection, part_of(Service.NETWORK, response, ("network",), _NETWORK))


def delete(connection: Connection, network_id: str) -> None:
    """Delete the network with its subnets. NotFound: it is gone. Conflict: a server or a router is still in it."""
    connection.send(Service.NETWORK, "DELETE", path("networks", network_id), expect=(204,))


def get_subnet(connection: Connection, subnet_id: str) -> Subnet:
    """Return the subnet. NotFound if there is none."""
    return get_part(connection, Service.NETWORK, path("subnets", subnet_id), ("subnet",), _SUBNET)


def find_marked_subnets(connection: Connection, mark: str) -> list[Subnet]:
    """Return the project's subnets whose description is the mark."""
    return find_described(connection, "subnets", "subnets", _SUBNETS, mark)


def create_subnet(
    connection: Connection,
    *,
    network_id: str,
    name: str,
    cidr: str,
    mark: str,
    gateway: str | None = None,
    dhcp: bool = True,
    dns_servers: Sequence[str] = (),
    ipv6_mode: str = "",
) -> str:
    """Create a subnet with the range `cidr` ("10.0.4.0/24") and return its id.

    `gateway` None: the first address; empty: none. `ipv6_mode` says how servers get IPv6 addresses: "slaac",
    "dhcpv6-stateful", "dhcpv6-stateless", or empty for none of these. Invalid: not a valid range, or it overlaps with
    another subnet of the network. NotFound: no such network. QuotaExceeded.
    """
    subnet: dict[str, Any] = {
        "network_id": network_id,
        "name": name,
        "description": mark,
        "ip_version": 6 if ":" in cidr else 4,
        "cidr": cidr,
        "enable_dhcp": dhcp,
    }
    if gateway is not None:
        subnet["gateway_ip"] = gateway or None
    if dns_servers:
        subnet["dns_nameservers"] = list(dns_servers)
    if ipv6_mode:
        subnet |= {"ipv6_ra_mode": ipv6_mode, "ipv6_address_mode": ipv6_mode}
    response = connection.send(Service.NETWORK, "POST", "/subnets", {"subnet": subnet}, expect=(201,))
    return created_id(Service.NETWORK, response, "subnet")


def update_subnet(
    connection: Connection,
    subnet_id: str,
    *,
    name: str | None = None,
    description: str | None = None,
    dhcp: bool | None = None,
    dns_servers: Sequence[str] | None = None,
) -> Subnet:
    """Change the given fields of the subnet and return it."""
    names = None if dns_servers is None else list(dns_servers)
    body = {"subnet": given(name=name, description=description, enable_dhcp=dhcp, dns_nameservers=names)}
    response = connection.send(Service.NETWORK, "PUT", path("subnets", subnet_id), body, expect=(200,))
    return part_of(Service.NETWORK, response, ("subnet",), _SUBNET)


def delete_subnet(connection: Connection, subnet_id: str) -> None:
    """Delete the subnet. NotFound: it is gone. Conflict: a server or a router still has an address in it."""
    connection.send(Service.NETWORK, "DELETE", path("subnets", subnet_id), expect=(204,))


def _own(connection: Connection, network: Network) -> Network:
    return network.model_copy(update={"owned": network.project_id == connection.project_id})
