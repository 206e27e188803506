"""Neutron: one floating IP, and what can be done with it. Source: docs.openstack.org/api-ref/network/v2.

Every function makes one request, and what it asks for is done when it returns; a list takes one for each page. What is
allocated has the mark as its description; `update` writes the one that was asked for. `server_id` is empty in what is
returned here: Neutron knows ports only.
"""

from typing import Any

from pydantic import TypeAdapter

from clouds import errors
from clouds.openstack.inventory.network import FloatingIP
from clouds.openstack.paging import get_part, part_of
from clouds.openstack.resources import created_id, find_described, in_the_way, path
from clouds.openstack.services import Service
from clouds.openstack.session import Connection

_FLOATING_IP = TypeAdapter(FloatingIP)
_FLOATING_IPS = TypeAdapter(list[FloatingIP])


def get(connection: Connection, floating_ip_id: str) -> FloatingIP:
    """The floating IP as it is. NotFound: there is none."""
    return get_part(connection, Service.NETWORK, path("floatingips", floating_ip_id), ("floatingip",), _FLOATING_IP)


def find_marked(connection: Connection, mark: str) -> list[FloatingIP]:
    """The project's floating IPs whose description is the mark."""
    return find_described(connection, "floatingips", "floatingips", _FLOATING_IPS, mark)


def allocate(connection: Connection, *, network_id: str, mark: str) -> str:
    """Takes an address of the external network for the project and returns the floating IP's id.

    QuotaExceeded. Conflict: no address is left. Invalid: the network is not external. NotFound: there is none.
    """
    body = {"floatingip": {"floating_network_id": network_id, "description": mark}}
    response = connection.send(Service.NETWORK, "POST", "/floatingips", body, expect=(201,))
    return created_id(Service.NETWORK, response, "floatingip")


def update(connection: Connection, floating_ip_id: str, *, description: str) -> FloatingIP:
    """Gives the floating IP a description, and returns it."""
    return _update(connection, floating_ip_id, {"description": description})


def associate(
    connection: Connection, floating_ip_id: str, *, port_id: str, fixed_address: str = "", revision: int | None = None
) -> FloatingIP:
    """Leads the floating IP to the port, away from another one if it led there, and returns it.

    `fixed_address` says which of the port's addresses; a port with several needs it. Conflict: that address has a
    floating IP, or no router with a gateway into the floating IP's network stands before the port; with `revision`,
    that of the floating IP when it was looked at, also where it was changed since. Invalid: the port has no such
    address. NotFound: no such floating IP or port.
    """
    fields = {"port_id": port_id} | ({"fixed_ip_address": fixed_address} if fixed_address else {})
    try:
        return _update(connection, floating_ip_id, fields, revision)
    except errors.NotFound as error:
        if not error.detail.startswith("ExternalGatewayForFloatingIPNotFound:"):
            raise
        # Neutron says 404, but all that was named is there.
        raise in_the_way(
            error, "Network refused: no router leads from the port's subnet to the floating IP's network."
        ) from None


def disassociate(connection: Connection, floating_ip_id: str, *, revision: int | None = None) -> FloatingIP:
    """Leads the floating IP nowhere, and returns it. Nothing happens to one that leads nowhere.

    Conflict: it is no longer at `revision`, that of the floating IP when it was looked at.
    """
    return _update(connection, floating_ip_id, {"port_id": None}, revision)


def release(connection: Connection, floating_ip_id: str) -> None:
    """Gives the address back, also while it leads to a port: anybody may get it next. NotFound: it is gone."""
    connection.send(Service.NETWORK, "DELETE", path("floatingips", floating_ip_id), expect=(204,))


def _update(
    connection: Connection, floating_ip_id: str, fields: dict[str, Any], revision: int | None = None
) -> FloatingIP:
    # A cloud without the extension revision-if-match does not compare.
    headers = None if revision is None else {"If-Match": f"revision_number={revision}"}
    response = connection.send(
        Service.NETWORK,
        "PUT",
        path("floatingips", floating_ip_id),
        {"floatingip": fields},
        expect=(200,),
        headers=headers,
    )
    return part_of(Service.NETWORK, response, ("floatingip",), _FLOATING_IP)
