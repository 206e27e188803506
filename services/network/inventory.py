"""What neutron tells fills these models, and what it means for the servers' rows."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from django.utils import timezone
from pydantic import BaseModel

from clouds.openstack.inventory import network
from clouds.openstack.services import Service
from projects.models import Tenant
from projects.refresh.differences import upsert
from services.compute.models import Server
from services.network.models import (
    AddressGroup,
    FloatingIP,
    Network,
    Port,
    Router,
    SecurityGroup,
    SecurityGroupRule,
    Subnet,
)
from services.openstack.rows import OpenStackRows


class SecurityGroups(OpenStackRows[network.SecurityGroup]):
    """Security groups."""

    row = network.SecurityGroup
    model = SecurityGroup
    service = Service.NETWORK
    field = "security_groups"


class SecurityGroupRules(OpenStackRows[network.SecurityGroupRule]):
    """Their rules."""

    row = network.SecurityGroupRule
    model = SecurityGroupRule
    service = Service.NETWORK
    field = "security_group_rules"


class AddressGroups(OpenStackRows[network.AddressGroup]):
    """Address groups, which rules may name; read every two minutes."""

    row = network.AddressGroup
    model = AddressGroup
    service = Service.NETWORK
    field = "address_groups"


class Networks(OpenStackRows[network.Network]):
    """Networks, those of others too that the project may use."""

    row = network.Network
    model = Network
    service = Service.NETWORK
    field = "networks"


class Subnets(OpenStackRows[network.Subnet]):
    """Subnets."""

    row = network.Subnet
    model = Subnet
    service = Service.NETWORK
    field = "subnets"


class Ports(OpenStackRows[network.Port]):
    """Ports. Where the security groups of a server's port change, its server's row names them too."""

    row = network.Port
    model = Port
    service = Service.NETWORK
    field = "ports"

    def write(self, tenant: Tenant, seen: Sequence[network.Port], along: Sequence[BaseModel], now: datetime) -> bool:
        changed = upsert(tenant, Port, seen, now, keep=frozenset())
        servers = {port.device_id for port in seen if port.device_owner.startswith("compute:")}
        return any([bool(changed), *(_name_groups(tenant, server_id, now) for server_id in sorted(servers))])


class Routers(OpenStackRows[network.Router]):
    """Routers, read every two minutes."""

    row = network.Router
    model = Router
    service = Service.NETWORK
    field = "routers"


class FloatingIPs(OpenStackRows[network.FloatingIP]):
    """Floating IPs. The server of one is known by its port, and names the address in its own row."""

    row = network.FloatingIP
    model = FloatingIP
    service = Service.NETWORK
    field = "floating_ips"

    def write(
        self, tenant: Tenant, seen: Sequence[network.FloatingIP], along: Sequence[BaseModel], now: datetime
    ) -> bool:
        led_to = _led_to(tenant, [one.external_id for one in seen])
        ports = Port.objects.filter(tenant=tenant, external_id__in={one.port_id for one in seen})
        owners = {one.external_id: one.device_id if one.device_owner.startswith("compute:") else "" for one in ports}
        # Of a port that no refresh has seen yet it stays what was known of it.
        known = FloatingIP.objects.filter(tenant=tenant, external_id__in=[one.external_id for one in seen])
        before = dict(known.exclude(port_id="").values_list("port_id", "server_id"))
        owners = before | owners
        rows = [one.model_copy(update={"server_id": owners.get(one.port_id, "")}) for one in seen]
        changed = upsert(tenant, FloatingIP, rows, now, keep=frozenset())
        return bool(changed) | _write_addresses(tenant, led_to | {row.server_id for row in rows}, now)

    def going(self, tenant: Tenant, external_ids: Sequence[str]) -> Callable[[], object]:
        led_to = _led_to(tenant, external_ids)
        return lambda: _write_addresses(tenant, led_to, timezone.now())


def _name_groups(tenant: Tenant, server_id: str, now: datetime) -> bool:
    """Make a server's row name the security groups of its ports. Tell whether it did not."""
    ids = {id_ for port in Port.objects.filter(tenant=tenant, device_id=server_id) for id_ in port.security_group_ids}
    names = dict(SecurityGroup.objects.filter(tenant=tenant, external_id__in=ids).values_list("external_id", "name"))
    groups = sorted(({"id": id_, "name": names.get(id_, id_)} for id_ in ids), key=lambda one: (one["name"], one["id"]))
    changed = Server.objects.filter(tenant=tenant, external_id=server_id).exclude(security_groups=groups)
    return bool(changed.update(security_groups=groups, changed_at=now))


def _led_to(tenant: Tenant, floating_ip_ids: Iterable[str]) -> set[str]:
    """Return the servers of these floating IPs, as far as was known until now."""
    rows = FloatingIP.objects.filter(tenant=tenant, external_id__in=floating_ip_ids).exclude(server_id="")
    return set(rows.values_list("server_id", flat=True))


def _write_addresses(tenant: Tenant, server_ids: Iterable[str], now: datetime) -> bool:
    """Make servers' rows name the floating IPs of their ports, as joins.with_network does. Tell whether any changed."""
    ports = list(Port.objects.filter(tenant=tenant, device_id__in=server_ids))
    by_address = {(port.mac, ip["address"]): port.external_id for port in ports for ip in port.fixed_ips}
    outside = list(FloatingIP.objects.filter(tenant=tenant, port_id__in={port.external_id for port in ports}))
    changed = False
    for server in Server.objects.filter(tenant=tenant, external_id__in=server_ids):
        addresses: list[dict[str, Any]] = []
        for fixed in server.addresses:
            if fixed["type"] == "floating":
                continue
            port_id = by_address.get((fixed["mac"], fixed["address"]), fixed.get("port_id", ""))
            addresses.append({**fixed, "port_id": port_id})
            addresses += [
                {**addresses[-1], "address": one.address, "version": 6 if ":" in one.address else 4, "type": "floating"}
                for one in outside
                if one.port_id == port_id and one.fixed_address in (fixed["address"], "")
            ]
        if addresses != server.addresses:
            Server.objects.filter(pk=server.pk).update(addresses=addresses, changed_at=now)
            changed = True
    return changed
