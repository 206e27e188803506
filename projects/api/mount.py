"""All routers of the API with where they are mounted."""

from collections.abc import Iterator

from ninja import Router

from projects.api import (
    actions,
    changes,
    containers,
    flavors,
    floating_ips,
    images,
    key_pairs,
    locations,
    me,
    networks,
    operations,
    projects,
    routers,
    search,
    security_groups,
    server_reads,
    servers,
    snapshots,
    tenants,
    usage,
    volumes,
    zones,
)
from projects.api.kinds import Kind, router_of

KINDS: tuple[Kind, ...] = (
    servers.SERVERS,
    volumes.VOLUMES,
    volumes.VOLUME_TYPES,
    snapshots.SNAPSHOTS,
    images.IMAGES,
    flavors.FLAVORS,
    key_pairs.KEY_PAIRS,
    networks.NETWORKS,
    networks.SUBNETS,
    networks.PORTS,
    routers.ROUTERS,
    floating_ips.FLOATING_IPS,
    security_groups.SECURITY_GROUPS,
    containers.CONTAINERS,
    zones.ZONES,
)
_IN_TENANT = "/tenants/{handle}"


def mounts() -> Iterator[tuple[str, Router]]:
    """Prefix and router of each part."""
    for part in (me, projects, locations, tenants, search):
        yield "", part.router
    for kind in KINDS:
        yield _IN_TENANT, router_of(kind)
    for part in (server_reads, changes, usage, operations, actions):
        yield _IN_TENANT, part.router
