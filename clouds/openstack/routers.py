"""Neutron: operations on one router. Source: docs.openstack.org/api-ref/network/v2.

Every function makes one request and has finished when it returns; a list takes one request per page. A newly created
router has the mark as its description; `update` writes the requested one.
"""

from typing import Any

from pydantic import TypeAdapter

from clouds import errors
from clouds.openstack.inventory.network import Port, Router
from clouds.openstack.paging import get_part, part_of, read_all
from clouds.openstack.resources import ID, created_id, find_described, given, in_the_way, path
from clouds.openstack.services import Service
from clouds.openstack.session import Connection

_ROUTER = TypeAdapter(Router)
_ROUTERS = TypeAdapter(list[Router])
_PORTS = TypeAdapter(list[Port])


def get(connection: Connection, router_id: str) -> Router:
    """Return the router with its gateway. NotFound if there is none."""
    return get_part(connection, Service.NETWORK, path("routers", router_id), ("router",), _ROUTER)


def find_marked(connection: Connection, mark: str) -> list[Router]:
    """Return the project's routers whose description is the mark."""
    return find_described(connection, "routers", "routers", _ROUTERS, mark)


def ports_of(connection: Connection, router_id: str) -> list[Port]:
    """Return the router's ports: one for each interface, whose `fixed_ips` name the subnet.

    The gateway's port belongs to the operator; members don't see it. Empty if there is no such router.
    """
    ports = read_all(connection, Service.NETWORK, "/ports", "ports", _PORTS, {"device_id": router_id})
    # Only routers have such owners, while people may write any device id into their own ports.
    return [port for port in ports if port.device_id == router_id and port.device_owner.startswith("network:")]


def create(connection: Connection, *, name: str, mark: str, external_network_id: str = "") -> str:
    """Create a router, with a gateway if an external network is given, and return its id.

    QuotaExceeded. Conflict: the external network has no free address. NotFound: there is no such network.
    """
    router: dict[str, Any] = {"name": name, "description": mark}
    if external_network_id:
        router["external_gateway_info"] = {"network_id": external_network_id}
    response = connection.send(Service.NETWORK, "POST", "/routers", {"router": router}, expect=(201,))
    return created_id(Service.NETWORK, response, "router")


def update(
    connection: Connection, router_id: str, *, name: str | None = None, description: str | None = None
) -> Router:
    """Set the router's name, its description, or both, and return it."""
    return _update(connection, router_id, given(name=name, description=description))


def set_gateway(connection: Connection, router_id: str, external_network_id: str) -> Router:
    """Set the router's gateway to the external network, replacing any other, and return the router.

    Conflict: a floating IP needs the current gateway, or no address is free. Invalid: the network is not external.
    """
    return _update(connection, router_id, {"external_gateway_info": {"network_id": external_network_id}})


def clear_gateway(connection: Connection, router_id: str) -> Router:
    """Remove the router's gateway, if it has one, and return the router. Conflict: a floating IP needs it."""
    return _update(connection, router_id, {"external_gateway_info": {}})


def add_interface(connection: Connection, router_id: str, subnet_id: str) -> str:
    """Connect the router to the subnet at the subnet's gateway address and return the new port's id.

    Conflict: it is already connected (see `ports_of`), or something else has that address. Invalid: the subnet has no
    gateway address, or overlaps with another subnet of the router. NotFound: no such router or subnet.
    """
    try:
        response = connection.send(
            Service.NETWORK,
            "PUT",
            path("routers", router_id, "add_router_interface"),
            {"subnet_id": subnet_id},
            expect=(200,),
        )
    except errors.Invalid as error:
        if "already has a port on subnet" not in error.detail:
            raise
        raise in_the_way(error, "Network refused: the router is already connected to that subnet.") from None
    return part_of(Service.NETWORK, response, ("port_id",), ID)


def remove_interface(connection: Connection, router_id: str, subnet_id: str) -> None:
    """Disconnect the router from the subnet. NotFound: not connected. Conflict: a floating IP needs this interface."""
    response = connection.send(
        Service.NETWORK,
        "PUT",
        path("routers", router_id, "remove_router_interface"),
        {"subnet_id": subnet_id},
        expect=(200,),
    )
    part_of(Service.NETWORK, response, ("id",), ID)  # a login page answers 200 too


def delete(connection: Connection, router_id: str) -> None:
    """Delete the router with its gateway. NotFound: it is gone. Conflict: it still has interfaces."""
    connection.send(Service.NETWORK, "DELETE", path("routers", router_id), expect=(204,))


def _update(connection: Connection, router_id: str, fields: dict[str, Any]) -> Router:
    response = connection.send(Service.NETWORK, "PUT", path("routers", router_id), {"router": fields}, expect=(200,))
    return part_of(Service.NETWORK, response, ("router",), _ROUTER)
