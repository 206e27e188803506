"""What nova tells fills these models."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from pydantic import BaseModel

from clouds.openstack import key_pairs
from clouds.openstack.inventory import Inventory, block_storage, compute, joins
from clouds.openstack.services import Service
from projects.models import Tenant
from projects.refresh.differences import upsert
from services.compute.models import Flavor, KeyPair, Server
from services.openstack.rows import OpenStackRows


class Servers(OpenStackRows[compute.Server]):
    """Servers; nova knows nothing of devices, port ids and names of images."""

    row = compute.Server
    model = Server
    service = Service.COMPUTE
    field = "servers"

    def lacking(self, seen: Inventory) -> frozenset[str]:
        lacking = set()
        if seen.network is None or seen.network.data is None:
            lacking |= {"addresses", "security_groups"}
        if seen.block_storage is None or seen.block_storage.data is None:
            lacking.add("volumes")
        return frozenset(lacking)

    def write(self, tenant: Tenant, seen: Sequence[compute.Server], along: Sequence[BaseModel], now: datetime) -> bool:
        """Devices come from the volumes seen along, or stay; what neutron and glance know stays, where it is known."""
        volumes = [one for one in along if isinstance(one, block_storage.Volume)]
        changed = [_write_server(tenant, server, volumes, now) for server in seen]
        return any(changed)


def _write_server(
    tenant: Tenant, server: compute.Server, volumes: Iterable[block_storage.Volume], now: datetime
) -> bool:
    row = Server.objects.filter(tenant=tenant, external_id=server.external_id).first()
    known = {one["id"]: one["device"] for one in row.volumes} if row else {}
    (server,) = joins.with_devices([server], volumes)
    disks = [one.model_copy(update={"device": one.device or known.get(one.id, "")}) for one in server.volumes]
    server = server.model_copy(update={"volumes": disks})
    keep = frozenset(
        column for column in ("addresses", "security_groups", "image_name") if row and getattr(row, column)
    )
    return bool(upsert(tenant, Server, [server], now, keep=keep))


class Flavors(OpenStackRows[compute.Flavor]):
    """Flavors, read every two minutes."""

    row = compute.Flavor
    model = Flavor
    service = Service.COMPUTE
    field = "flavors"


class KeyPairs(OpenStackRows[compute.KeyPair]):
    """Key pairs are a person's own: services.openstack.reading writes those of who reads."""

    row = compute.KeyPair
    model = KeyPair
    service = Service.COMPUTE


class KeyPairsByName(OpenStackRows[key_pairs.KeyPair]):
    """The same, as nova tells a single one."""

    row = key_pairs.KeyPair
    model = KeyPair
    service = Service.COMPUTE
