"""Read a project once: all calls in parallel, with a separate outcome for each service."""

import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Generic, TypeVar

from clouds.errors import CloudError
from clouds.openstack.http import PARALLEL, Call
from clouds.openstack.inventory import block_storage, compute, image, joins, network, object_store
from clouds.openstack.inventory.block_storage import BlockStorage
from clouds.openstack.inventory.compute import Compute, Flavor
from clouds.openstack.inventory.image import Images
from clouds.openstack.inventory.network import NetworkPart
from clouds.openstack.inventory.object_store import Objects
from clouds.openstack.inventory.values import Limit
from clouds.openstack.services import EMBEDDED_FLAVOR, Service
from clouds.openstack.session import Connection

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Part(Generic[T]):
    """A service's outcome: either `data` or `error`. `latency_ms` is its slowest call's, `calls` their number."""

    service: Service
    data: T | None
    error: CloudError | None
    latency_ms: int
    calls: int


@dataclass(frozen=True, slots=True)
class Inventory:
    """What was read. A part is None if the cloud lacks the service or the part was not requested.

    `as_of` is when the reading began: the data was true then or later. `user_id` is the cloud's id of the person whose
    login was used, who owns the key pairs.
    """

    as_of: datetime
    elapsed_ms: int
    user_id: str
    compute: Part[Compute] | None = None
    network: Part[NetworkPart] | None = None
    block_storage: Part[BlockStorage] | None = None
    image: Part[Images] | None = None
    object_store: Part[Objects] | None = None

    @property
    def parts(self) -> "list[Part[Compute] | Part[NetworkPart] | Part[BlockStorage] | Part[Images] | Part[Objects]]":
        """The parts that were read, in the order of the pages."""
        parts = (self.compute, self.network, self.block_storage, self.image, self.object_store)
        return [part for part in parts if part is not None]

    @property
    def calls(self) -> int:
        """The number of requests made."""
        return sum(part.calls for part in self.parts)

    @property
    def errors(self) -> list[CloudError]:
        """The errors, one for each service that failed."""
        return [part.error for part in self.parts if part.error is not None]

    @property
    def limits(self) -> list[Limit]:
        """The limits of the services that could be read."""
        found: list[Limit] = []
        for part in (self.compute, self.network, self.block_storage, self.object_store):
            if part is not None and part.data is not None:
                found.extend(part.data.limits)
        return found


def read(
    connection: Connection,
    *,
    slow: bool = False,
    key_pairs: bool = False,
    flavors: Mapping[str, Flavor] | None = None,
    image_names: Mapping[str, str] | None = None,
    seconds: float = 30.0,
) -> Inventory:
    """Read the project's inventory, all services and calls in parallel. Raises no CloudError: each part has its own.

    12 requests plus paging: nova servers, limits; neutron ports, networks, subnets, floating IPs, security groups,
    quota; cinder volumes, snapshots, limits; swift account. `key_pairs` adds one: the person's key pairs in nova.
    `slow` adds that one and seven others for what changes rarely (read it every 2 minutes): nova flavors, zones;
    neutron routers; cinder types, the default one, zones; glance images.

    `flavors` (by id) completes servers of clouds before Nova 2.47; `image_names` (by image id) names the servers'
    images. Pass what the last slow reading returned; a slow reading uses its own.

    After `seconds` no further page is requested, so that a slow cloud ends within 10 s more, as TimedOut.
    """
    as_of, began = datetime.now(UTC), time.monotonic()
    connection.http.deadline = began + seconds
    first = len(connection.http.calls)
    with ThreadPoolExecutor(PARALLEL, thread_name_prefix="inventory") as pool:
        # Nova's list of servers takes longest on every cloud, so it starts first.
        waiting_compute = _start(
            Service.COMPUTE, connection, lambda: compute.start(pool, connection, slow=slow, key_pairs=key_pairs or slow)
        )
        waiting_network = _start(Service.NETWORK, connection, lambda: network.start(pool, connection, slow=slow))
        waiting_volumes = _start(
            Service.BLOCK_STORAGE, connection, lambda: block_storage.start(pool, connection, slow=slow)
        )
        waiting_objects = _start(Service.OBJECT_STORE, connection, lambda: object_store.start(pool, connection))
        waiting_images = _start(Service.IMAGE, connection, lambda: image.start(pool, connection)) if slow else None
    made = connection.http.calls[first:]
    seen = Inventory(
        as_of=as_of,
        elapsed_ms=round(1000 * (time.monotonic() - began)),
        user_id=connection.state.user_id,
        compute=_part(Service.COMPUTE, waiting_compute, made),
        network=_part(Service.NETWORK, waiting_network, made),
        block_storage=_part(Service.BLOCK_STORAGE, waiting_volumes, made),
        image=_part(Service.IMAGE, waiting_images, made),
        object_store=_part(Service.OBJECT_STORE, waiting_objects, made),
    )
    return _joined(seen, connection, flavors or {}, image_names or {})


def _start(service: Service, connection: Connection, start: Callable[[], T]) -> T | None:
    return start() if connection.has(service) else None


def _part(service: Service, waiting: Callable[[], T] | None, made: list[Call]) -> Part[T] | None:
    if waiting is None:
        return None
    own = [call for call in made if call.service is service]
    data, fault = None, None
    try:
        data = waiting()
    except CloudError as error:
        fault = error
    return Part(service, data, fault, max((call.ms for call in own), default=0), len(own))


def _joined(
    seen: Inventory, connection: Connection, flavors: Mapping[str, Flavor], image_names: Mapping[str, str]
) -> Inventory:
    """Return the inventory with what the services know about each other's rows."""
    neutron = joins.with_servers(seen.network.data) if seen.network and seen.network.data else None
    if seen.network and neutron:
        seen = replace(seen, network=replace(seen.network, data=neutron))
    if seen.compute is None or seen.compute.data is None:
        return seen
    nova, servers = seen.compute.data, seen.compute.data.servers
    spoken = connection.endpoint(Service.COMPUTE).microversion
    if spoken is None or spoken < EMBEDDED_FLAVOR:
        own = {flavor.external_id: flavor for flavor in nova.flavors or []}
        servers = compute.with_flavors(servers, {**flavors, **own})
    if neutron:
        servers = joins.with_network(servers, neutron)
    if seen.block_storage and seen.block_storage.data:
        servers = joins.with_devices(servers, seen.block_storage.data.volumes)
    glance = seen.image.data.images if seen.image and seen.image.data else []
    servers = joins.with_image_names(servers, {**image_names, **{one.external_id: one.name for one in glance}})
    return replace(seen, compute=replace(seen.compute, data=nova._replace(servers=servers)))
