"""All routers of the API with where they are mounted."""

from collections.abc import Iterator

from ninja import Router

from projects.api import (
    actions,
    changes,
    locations,
    me,
    operations,
    projects,
    search,
    tenants,
    usage,
)
from projects.api.kinds import Kind, router_of
from services.block_storage.snapshots import api as snapshots
from services.block_storage.volumes import api as volumes
from services.compute.flavors import api as flavors
from services.compute.key_pairs import api as key_pairs
from services.compute.servers import api as servers
from services.compute.servers import api_reads as server_reads
from services.images import api as images
from services.network.floating_ips import api as floating_ips
from services.network.networks import api as networks
from services.network.routers import api as routers
from services.network.security_groups import api as security_groups
from services.object_storage.containers import api as containers
from services.openstack import zones_api as zones

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
