"""What the tests of networks, routers and floating IPs begin with, and what workers do in them."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from projects.access import Visit
from projects.models import Operation, Role, Tenant
from projects.operations import claims, turn
from projects.refresh import claims as refresh_claims
from projects.refresh import refreshing
from services.compute.models import Server
from tests.unit import projects_fixtures as rows
from tests.unit.clouds_fake import PROJECT, port
from tests.unit.clouds_l3 import L3, PUBLIC
from tests.unit.nova_fake import Killed

# A network that is asked for.
APP: dict[str, Any] = {"name": "shop", "description": "The shop", "cidr": "10.0.7.0/24", "dns_servers": ["192.0.2.53"]}


def member_of(l3: L3) -> Visit:
    """Return a member of the cloud's one tenant, of which nothing was read yet."""
    tenant = rows.make_tenant(rows.make_location(cloud=l3.cloud))
    user = rows.make_user()
    rows.make_member(user, tenant)
    rows.make_grant(user)
    return Visit(user, tenant, Role.MEMBER)


def read(visit: Visit) -> None:
    """Return a refresh, as pages ask for it: the preflight looks into the inventory."""
    # What an operation has asked for at its end is not waited for; routers are read too, as they are now and then.
    Tenant.objects.update(refresh_started_at=None, slow_as_of=None)
    claim = refresh_claims.take(visit.tenant.pk, older_than=timedelta(0))
    assert claim is not None
    refreshing.refresh(visit.tenant.pk, visit.user.grants.get().pk, claim)


def go(operation: Operation, turns: int = 30) -> Operation:
    """Return what workers do. A worker that dies is followed by another when its claim has ended."""
    for _ in range(turns):
        Operation.objects.filter(pk=operation.pk).update(next_at=timezone.now())
        try:
            if turn.turn(operation.pk) is None:
                break
        except Killed:
            later(operation, claims.LEASE.total_seconds() + 1)
    operation.refresh_from_db()
    return operation


def taken_over(operation: Operation) -> Operation:
    """Do the same for a worker that comes when the claim of one that died has ended."""
    operation = Operation.objects.get(pk=operation.pk)
    later(operation, claims.LEASE.total_seconds() + 1)
    return operation


def later(operation: Operation, seconds: float) -> None:
    """Time passes for what was sent, and for the claim."""
    operation.refresh_from_db()
    ago = timedelta(seconds=seconds)
    memory = {
        key: (datetime.fromisoformat(value) - ago).isoformat() if key.endswith("_sent_at") and value else value
        for key, value in operation.memory.items()
    }
    claimed_at = operation.claimed_at - ago if operation.claimed_at else None
    Operation.objects.filter(pk=operation.pk).update(memory=memory, claimed_at=claimed_at)


def addresses(server_id: str = "server-1") -> list[tuple[str, str]]:
    """Return what the server's page shows of its addresses."""
    return [(one["type"], one["address"]) for one in Server.objects.get(external_id=server_id).addresses]


def inside(l3: L3, router_id: str) -> int:
    """How many interfaces the router has."""
    return sum(one["device_id"] == router_id for one in l3.cloud.ports)


def routed(l3: L3) -> None:
    """app-net has a router that leads outside."""
    l3.has_router("edge", "subnet-1")


def emptied(l3: L3) -> None:
    """app-net has a router and no server."""
    routed(l3)
    l3.cloud.ports[:] = [one for one in l3.cloud.ports if one["device_owner"].startswith("network:")]


def reachable(l3: L3) -> None:
    """198.51.100.5 leads to server-1, 198.51.100.6 nowhere."""
    routed(l3)
    l3.has_floating_ip(5, "port-1")
    l3.has_floating_ip(6)


def ip(subnet_id: str, address: str) -> list[dict[str, str]]:
    """Return the addresses of a port."""
    return [{"subnet_id": subnet_id, "ip_address": address}]


def town(l3: L3) -> None:
    """Networks of all kinds, and servers that can be reached and that can't."""
    reachable(l3)
    l3.has_router("inner", outside="")
    cloud = l3.cloud
    own = {"status": "ACTIVE", "tenant_id": PROJECT}
    cloud.networks += [
        {**own, "id": "network-2", "name": "lone-net"},
        {**own, "id": "network-3", "name": "twin-net"},
        {**own, "id": "network-4", "name": "closed-net"},
        {**own, "id": "shared", "name": "shared-net", "tenant_id": "others", "shared": True},
    ]
    cloud.subnets += [
        {"id": "subnet-2", "name": "lone", "network_id": "network-2", "cidr": "10.0.4.0/22", "gateway_ip": "10.0.6.1"},
        {"id": "subnet-3", "name": "twin", "network_id": "network-3", "cidr": "10.0.4.0/23", "gateway_ip": "10.0.5.1"},
        {"id": "subnet-4", "name": "closed", "network_id": "network-4", "cidr": "10.1.0.0/24", "gateway_ip": ""},
        {"id": "subnet-shared", "name": "s", "network_id": "shared", "cidr": "10.2.0.0/24", "gateway_ip": "10.2.0.1"},
        {"id": "public-subnet", "name": "p", "network_id": PUBLIC, "cidr": "198.51.100.0/24", "gateway_ip": ""},
    ]
    for number, name in ((4, "closed-01"), (5, "bare-01"), (6, "out-01"), (7, "open-01")):
        cloud.servers.append(cloud.servers[0] | {"id": f"server-{number}", "name": name})
    cloud.ports += [
        port(3, device_id="", device_owner="", network_id="network-2", fixed_ips=ip("subnet-2", "10.0.6.9")),
        port(4, network_id="network-4", fixed_ips=ip("subnet-4", "10.1.0.4")),
        port(5, fixed_ips=ip("subnet-1", "fd00::5")),
        port(6, network_id=PUBLIC, fixed_ips=ip("public-subnet", "198.51.100.9")),
        port(7, port_security_enabled=False, network_id="network-5", fixed_ips=ip("subnet-5", "10.0.4.7")),
    ]
    cloud.networks.append({**own, "id": "network-5", "name": "open-net"})
    cloud.subnets.append({"id": "subnet-5", "name": "open", "network_id": "network-5", "cidr": "10.0.4.0/24"})
