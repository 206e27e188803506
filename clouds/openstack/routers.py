"""Neutron: one router, and what can be done with it. Source: docs.openstack.org/api-ref/network/v2.

Every function makes one request, and what it asks for is done when it returns; a list takes one for each page. What is
created has the mark as its description; `update` writes the one that was asked for.
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
    """The router as it is, with its gateway. NotFound: there is none."""
    return get_part(connection, Service.NETWORK, path("routers", router_id), ("router",), _ROUTER)


def find_marked(connection: Connection, mark: str) -> list[Router]:
    """The project's routers whose description is the mark."""
    return find_described(connection, "routers", "routers", _ROUTERS, mark)


def ports_of(connection: Connection, router_id: str) -> list[Port]:
    """The router's ports: one for each interface, whose `fixed_ips` name the subnet.

    That of the gateway is the operator's: members do not see it. Empty where there is no such router.
    """
    ports = read_all(connection, Service.NETWORK, "/ports", "ports", _PORTS, {"device_id": router_id})
    # Only routers have such owners; any id may be written into a port of one's own.
    return [port for port in ports if port.device_id == router_id and port.device_owner.startswith("network:")]


def create(connection: Connection, *, name: str, mark: str, external_network_id: str = "") -> str:
    """Creates a router, with a gateway where an external network is named, and returns its id.

    QuotaExceeded. Conflict: the external network has no address left. NotFound: there is no such network.
    """
    router: dict[str, Any] = {"name": name, "description": mark}
    if external_network_id:
        router["external_gateway_info"] = {"network_id": external_network_id}
    response = connection.send(Service.NETWORK, "POST", "/routers", {"router": router}, expect=(201,))
    return created_id(Service.NETWORK, response, "router")


def update(
    connection: Connection, router_id: str, *, name: str | None = None, description: str | None = None
) -> Router:
    """Gives the router a name or a description, or both, and returns it."""
    return _update(connection, router_id, given(name=name, description=description))


def set_gateway(connection: Connection, router_id: str, external_network_id: str) -> Router:
    """Leads the router into the external network, instead of another if it had one, and returns it.

    Conflict: a floating IP needs the gateway that it has, or no address is left. Invalid: the network is not external.
    """
    return _update(connection, router_id, {"external_gateway_info": {"network_id": external_network_id}})


def clear_gateway(connection: Connection, router_id: str) -> Router:
    """Takes the router's gateway away, if it has one, and returns it. Conflict: a floating IP needs it."""
    return _update(connection, router_id, {"external_gateway_info": {}})


def add_interface(connection: Connection, router_id: str, subnet_id: str) -> str:
    """Connects the router to the subnet, at the subnet's gateway address, and returns the new port's id.

    Conflict: it is connected already (`ports_of` tells), or something else has that address. Invalid: the subnet has no
    gateway address, or overlaps with another one of the router's. NotFound: no such router or subnet.
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
        raise in_the_way(error, "Network refused: the router is in that subnet already.") from None
    return part_of(Service.NETWORK, response, ("port_id",), ID)


def remove_interface(connection: Connection, router_id: str, subnet_id: str) -> None:
    """Takes the router out of the subnet. NotFound: it is not connected. Conflict: a floating IP leads through it."""
    response = connection.send(
        Service.NETWORK,
        "PUT",
        path("routers", router_id, "remove_router_interface"),
        {"subnet_id": subnet_id},
        expect=(200,),
    )
    part_of(Service.NETWORK, response, ("id",), ID)  # a login page says 200 too


def delete(connection: Connection, router_id: str) -> None:
    """Deletes the router with its gateway. NotFound: it is gone. Conflict: it still has interfaces."""
    connection.send(Service.NETWORK, "DELETE", path("routers", router_id), expect=(204,))


def _update(connection: Connection, router_id: str, fields: dict[str, Any]) -> Router:
    response = connection.send(Service.NETWORK, "PUT", path("routers", router_id), {"router": fields}, expect=(200,))
    return part_of(Service.NETWORK, response, ("router",), _ROUTER)
