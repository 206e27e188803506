"""Join what one service knows about another's rows. Rows stay unchanged if only one of the two could be read."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

from clouds.openstack.inventory.block_storage import Volume
from clouds.openstack.inventory.compute import Address, GroupRef, Server
from clouds.openstack.inventory.network import FloatingIP, NetworkPart, Port

T = TypeVar("T")


def with_network(servers: Iterable[Server], network: NetworkPart) -> list[Server]:
    """Return servers with port ids, security groups (with ids) and floating IPs from neutron.

    Nova's own copy of the addresses lags a second or more behind a change of a floating IP.
    """
    names = {group.external_id: group.name for group in network.security_groups}
    ports = _by(network.ports, lambda port: port.device_id)
    floating = _by(network.floating_ips, lambda one: one.port_id)
    return [_join_server(server, ports.get(server.external_id, []), floating, names) for server in servers]


def _join_server(
    server: Server, ports: Sequence[Port], floating: Mapping[str, list[FloatingIP]], names: Mapping[str, str]
) -> Server:
    by_address = {(port.mac, ip.address): port for port in ports for ip in port.fixed_ips}
    addresses: list[Address] = []
    for fixed in server.addresses:
        if fixed.type == "floating":
            continue
        port = by_address.get((fixed.mac, fixed.address))
        addresses.append(fixed.model_copy(update={"port_id": port.external_id}) if port else fixed)
        if port is None:
            continue
        addresses.extend(
            Address(
                network=fixed.network,
                address=one.address,
                version=6 if ":" in one.address else 4,
                type="floating",
                mac=fixed.mac,
                port_id=port.external_id,
            )
            for one in floating.get(port.external_id, [])
            if one.fixed_address in (fixed.address, "")
        )
    ids = {group_id for port in ports for group_id in port.security_group_ids}
    groups = sorted((GroupRef(id=i, name=names.get(i, i)) for i in ids), key=lambda group: (group.name, group.id))
    return server.model_copy(update={"addresses": addresses, "security_groups": groups})


def with_devices(servers: Iterable[Server], volumes: Iterable[Volume]) -> list[Server]:
    """Return servers with the device names of their volumes, from cinder."""
    devices = {(one.server_id, volume.external_id): one.device for volume in volumes for one in volume.attachments}
    return [
        server.model_copy(
            update={
                "volumes": [
                    volume.model_copy(update={"device": devices.get((server.external_id, volume.id), "")})
                    for volume in server.volumes
                ]
            }
        )
        if server.volumes
        else server
        for server in servers
    ]


def with_image_names(servers: Iterable[Server], names: Mapping[str, str]) -> list[Server]:
    """Return servers with their image's name, from glance."""
    return [
        server.model_copy(update={"image_name": names[server.image_id]}) if server.image_id in names else server
        for server in servers
    ]


def with_servers(network: NetworkPart) -> NetworkPart:
    """Return neutron's part with the floating IPs' servers, joined by port."""
    owners = {p.external_id: p.device_id for p in network.ports if p.device_owner.startswith("compute:")}
    return network._replace(
        floating_ips=[
            one.model_copy(update={"server_id": owners[one.port_id]}) if one.port_id in owners else one
            for one in network.floating_ips
        ]
    )


def _by(rows: Iterable[T], key: Callable[[T], str]) -> dict[str, list[T]]:
    grouped: dict[str, list[T]] = defaultdict(list)
    for row in rows:
        grouped[key(row)].append(row)
    return grouped
