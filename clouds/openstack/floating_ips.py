"""Neutron: operations on one floating IP. Source: docs.openstack.org/api-ref/network/v2.

Every function makes one request and has finished when it returns; a list takes one request per page. A newly allocated
floating IP has the mark as its description; `update` writes the requested one. `server_id` is empty in the results:
Neutron only knows ports.
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
    """Return the floating IP. NotFound if there is none."""
    return get_part(connection, Service.NETWORK, path("floatingips", floating_ip_id), ("floatingip",), _FLOATING_IP)


def find_marked(connection: Connection, mark: str) -> list[FloatingIP]:
    """Return the project's floating IPs whose description is the mark."""
    return find_described(connection, "floatingips", "floatingips", _FLOATING_IPS, mark)


def allocate(connection: Connection, *, network_id: str, mark: str) -> str:
    """Allocate an address of the external network for the project and return the floating IP's id.

    QuotaExceeded. Conflict: no address is free. Invalid: the network is not external. NotFound: no such network.
    """
    body = {"floatingip": {"floating_network_id": network_id, "description": mark}}
    response = connection.send(Service.NETWORK, "POST", "/floatingips", body, expect=(201,))
    return created_id(Service.NETWORK, response, "floatingip")


def update(connection: Connection, floating_ip_id: str, *, description: str) -> FloatingIP:
    """Set the floating IP's description and return the floating IP."""
    return _update(connection, floating_ip_id, {"description": description})


def associate(
    connection: Connection, floating_ip_id: str, *, port_id: str, fixed_address: str = "", revision: int | None = None
) -> FloatingIP:
    """Associate the floating IP with the port, moving it from another port if necessary, and return it.

    `fixed_address` selects one of the port's addresses and is required if the port has several. Conflict: that address
    already has a floating IP, or no router with a gateway to the floating IP's network serves the port; with `revision`
    (the floating IP's revision when it was last read), also if the floating IP has changed since. Invalid: the port has
    no such address. NotFound: no such floating IP or port.
    """
    fields = {"port_id": port_id} | ({"fixed_ip_address": fixed_address} if fixed_address else {})
    try:
        return _update(connection, floating_ip_id, fields, revision)
    except errors.NotFound as error:
        if not error.detail.startswith("ExternalGatewayForFloatingIPNotFound:"):
            raise
        # Neutron answers 404, although everything that was named exists.
        raise in_the_way(
            error, "Network refused: no router leads from the port's subnet to the floating IP's network."
        ) from None


def disassociate(connection: Connection, floating_ip_id: str, *, revision: int | None = None) -> FloatingIP:
    """Disassociate the floating IP and return it. Does nothing if it isn't associated.

    Conflict: it has changed since `revision`, its revision when it was last read.
    """
    return _update(connection, floating_ip_id, {"port_id": None}, revision)


def release(connection: Connection, floating_ip_id: str) -> None:
    """Release the address, even if it is associated: anybody may get it next. NotFound: it is gone."""
    connection.send(Service.NETWORK, "DELETE", path("floatingips", floating_ip_id), expect=(204,))


def _update(
    connection: Connection, floating_ip_id: str, fields: dict[str, Any], revision: int | None = None
) -> FloatingIP:
    # Without the extension revision-if-match, a cloud does not compare.
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
