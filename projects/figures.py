"""The headline figures of a tenant, measured from its rows in one place, so that no two pages count differently."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, Sum
from django.db.models.functions import Coalesce

from portal.ui.status import status_of
from projects.models import Resource, Service, Tenant
from services.block_storage.models import Snapshot, Volume
from services.compute.models import Server
from services.images.models import Image
from services.network.models import (
    FloatingIP,
    Network,
    Port,
    Router,
    SecurityGroup,
    SecurityGroupRule,
    Subnet,
)
from services.object_storage.models import Container

FLEET_LENGTH = 60
# The parts of the figures, and the service that each is of.
SERVICES: Mapping[str, Service] = {
    "servers": Service.COMPUTE,
    "volumes": Service.BLOCK_STORAGE,
    "snapshots": Service.BLOCK_STORAGE,
    "images": Service.IMAGE,
    "floating_ips": Service.NETWORK,
    "networks": Service.NETWORK,
    "routers": Service.NETWORK,
    "subnets": Service.NETWORK,
    "ports": Service.NETWORK,
    "security_groups": Service.NETWORK,
    "containers": Service.OBJECT_STORE,
}
# The order of the fleet strip.
SERVER_STATES = ("running", "stopped", "working", "error", "other")
# What may be in a passing state.
PASSING = frozenset[type[Resource]]((Server, Volume, Snapshot))
_STATE_OF_ROLE = {"ok": "running", "off": "stopped", "work": "working", "bad": "error"}
ANYWHERE = ("0.0.0.0/0", "::/0")
# An ingress rule that lets anyone in: from every address, or with no remote at all.
OPEN = Q(direction="ingress") & (Q(remote_cidr__in=ANYWHERE) | Q(remote_cidr="", remote_group_id=""))


def measure(tenant: Tenant, parts: Collection[str] = SERVICES) -> dict[str, Any]:
    """The figures as pages read them from `Tenant.figures`, or some parts of them. RAM in MB, volumes in GB, objects
    in bytes.

    What belongs to a service that was never read is left out: nothing is known of it, which is not zero.
    """
    read = set(tenant.readings.exclude(as_of=None).values_list("service", flat=True))
    return {part: _COUNTS[part](tenant) for part in parts if SERVICES[part] in read}


def parts_of(model: type[Resource]) -> Collection[str]:
    """The parts of the figures that rows of this model are counted in."""
    return _PARTS.get(model, ())


def is_changing(tenant: Tenant, since: datetime | None = None) -> bool:
    """Whether a server, volume or snapshot is in a passing state, so that looking again soon pays.

    With `since` only those count that changed after it: what hangs in such a state for hours is left out.
    """
    lately = Q() if since is None else Q(changed_at__gt=since)
    servers = tenant.servers.filter(lately).values_list("status", "task_state").distinct()
    return (
        any(_server_state(*row) == "working" for row in servers)
        or _any_working("volume", tenant.volumes.filter(lately).values_list("status", flat=True).distinct())
        or _any_working("snapshot", tenant.snapshots.filter(lately).values_list("status", flat=True).distinct())
    )


def fleet(states: Counter[str], length: int = FLEET_LENGTH) -> list[str]:
    """One state per bar of the strip, in order; beyond `length` in proportion, where no state is lost."""
    total = states.total()
    if total <= length:
        return [state for state in SERVER_STATES for _ in range(states[state])]
    there = [state for state in SERVER_STATES if states[state]]
    bars = {state: max(1, states[state] * length // total) for state in there}
    while sum(bars.values()) != length:
        # The state whose bars are furthest from its share gives or gets one.
        step = 1 if sum(bars.values()) < length else -1
        state = max(
            (state for state in there if bars[state] + step > 0),
            key=lambda state: step * (states[state] * length / total - bars[state]),
        )
        bars[state] += step
    return [state for state in there for _ in range(bars[state])]


def _servers(tenant: Tenant) -> dict[str, Any]:
    states: Counter[str] = Counter()
    rows = tenant.servers.values("status", "task_state").annotate(many=Count("id")).order_by()
    for row in rows:
        states[_server_state(row["status"], row["task_state"])] += row["many"]
    sizes = tenant.servers.aggregate(vcpus=_sum("vcpus"), ram_mb=_sum("ram_mb"))
    return {
        "total": states.total(),
        **{state: states[state] for state in SERVER_STATES},
        **sizes,
        "fleet": fleet(states),
    }


def _server_state(status: str, task_state: str) -> str:
    role = status_of("server", status).role
    if task_state and role != "bad":
        return "working"
    return _STATE_OF_ROLE.get(role, "other")


def _volumes(tenant: Tenant) -> dict[str, Any]:
    counts = Counter({"total": 0, "attached": 0, "free": 0, "error": 0, "working": 0})
    for status, attachments in tenant.volumes.values_list("status", "attachments"):
        counts["total"] += 1
        role = status_of("volume", status).role
        if role == "bad":
            counts["error"] += 1
        elif role == "work":
            counts["working"] += 1
        else:
            counts["attached" if attachments else "free"] += 1
    return {**counts, **tenant.volumes.aggregate(gb=_sum("size_gb"))}


def _security_groups(tenant: Tenant) -> dict[str, int]:
    rules = tenant.securitygrouprules
    return {
        "total": tenant.securitygroups.count(),
        "rules": rules.count(),
        "open": rules.filter(OPEN).values("group_id").distinct().count(),
    }


def _own_networks(tenant: Tenant) -> Any:
    return tenant.networks.filter(owned=True).values("external_id")


def _any_working(kind: str, statuses: Iterable[str]) -> bool:
    return any(status_of(kind, status).role == "work" for status in statuses)


def _sum(column: str) -> Coalesce:
    return Coalesce(Sum(column), 0)


def _floating_ips(tenant: Tenant) -> dict[str, int]:
    return tenant.floatingips.aggregate(
        total=Count("id"), in_use=Count("id", ~Q(port_id="")), idle=Count("id", Q(port_id=""))
    )


def _containers(tenant: Tenant) -> dict[str, int]:
    return tenant.containers.aggregate(total=Count("id"), objects=_sum("objects_count"), bytes=_sum("bytes_used"))


_COUNTS: Mapping[str, Callable[[Tenant], dict[str, Any]]] = {
    "servers": _servers,
    "volumes": _volumes,
    "snapshots": lambda tenant: tenant.snapshots.aggregate(total=Count("id"), gb=_sum("size_gb")),
    "images": lambda tenant: tenant.images.aggregate(total=Count("id"), owned=Count("id", Q(owned=True))),
    "floating_ips": _floating_ips,
    "networks": lambda tenant: tenant.networks.aggregate(total=Count("id", Q(owned=True)), visible=Count("id")),
    "routers": lambda tenant: {"total": tenant.routers.count()},
    "subnets": lambda tenant: {"total": tenant.subnets.filter(network_id__in=_own_networks(tenant)).count()},
    "ports": lambda tenant: {"total": tenant.ports.count()},
    "security_groups": _security_groups,
    "containers": _containers,
}
_PARTS: Mapping[type[Resource], Collection[str]] = {
    Server: ("servers",),
    Volume: ("volumes",),
    Snapshot: ("snapshots",),
    Image: ("images",),
    FloatingIP: ("floating_ips",),
    Network: ("networks", "subnets"),
    Router: ("routers",),
    Subnet: ("subnets",),
    Port: ("ports",),
    SecurityGroup: ("security_groups",),
    SecurityGroupRule: ("security_groups",),
    Container: ("containers",),
}
