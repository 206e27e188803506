"""What attaching and detaching share."""

from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _

from clouds import errors
from clouds.openstack import servers
from clouds.openstack.inventory import block_storage
from projects.models import Tenant
from projects.outcomes import Refusal, Wait
from services.block_storage.models import Volume
from services.block_storage.volumes.storage import zones_of
from services.compute.models import Server
from services.openstack.actions import Run
from services.openstack.servers import look, note_of
from services.openstack.words import Service

# States of a server in which its volumes can be changed (nova.compute.api: attach_volume, detach_volume).
SERVER_STATES = ("ACTIVE", "PAUSED", "SHUTOFF", "SUSPENDED", "VERIFY_RESIZE", "SHELVED", "SHELVED_OFFLOADED")


def see_both(run: Run, volume: block_storage.Volume, server_id: str) -> None:
    """Write what is now true of the volume, and of the server's list of volumes."""
    try:
        server = servers.get(run.cloud, server_id)
    except errors.NotFound:
        run.saw(volume)  # deleted meanwhile: the volume is what this is about
    else:
        run.saw(volume, server)


def at_work(run: Run, server_id: str) -> Wait | None:
    """Wait while the server is at something else, such as saving its image, however long that takes."""
    try:
        server = look(run, server_id)
    except errors.NotFound:
        return Wait(1)  # deleted meanwhile: the next look tells
    return Wait(1, note_of(server)) if server.task_state else None


def device_of(volume: block_storage.Volume, server_id: str) -> str:
    """Say where the server sees the volume, as the cloud says: "/dev/vdb"."""
    return next((one.device for one in volume.attachments if one.server_id == server_id), "")


def attachable(volume: Volume, server: Server) -> Iterable[Refusal]:
    """Say why this volume can't go to this server now."""
    words = {"volume": str(volume), "server": str(server), "state": volume.status}
    if any(one["server_id"] == server.external_id for one in volume.attachments):
        yield Refusal("volume_id", _("%(volume)s is attached to %(server)s already.") % words)
    elif volume.attachments and not volume.multiattach:
        yield Refusal("volume_id", _("%(volume)s is attached to another server. Detach it there first.") % words)
    elif volume.status not in ("available", "in-use"):
        said = _("%(volume)s is in the state “%(state)s”. Only a volume that is available can be attached.")
        yield Refusal("volume_id", said % words)
    yield from zones_apart(volume.tenant, volume.zone, server, _("%(volume)s is") % words)
    yield from changeable(server)


def zones_apart(tenant: Tenant, zone: str, server: Server, what: str) -> Iterable[Refusal]:
    """Refuse a server that is too far from a volume in `zone`. `what` begins the sentence: "pg-data is"."""
    if not near(zone, [server], zones_of(tenant, Service.COMPUTE)):
        said = _("%(what)s in zone %(zone)s, and %(server)s in zone %(other)s. They have to be in the same zone.")
        words = {"what": what, "zone": zone, "server": str(server), "other": server.zone}
        yield Refusal("server_id", said % words)


def near(zone: str, servers: Iterable[Server], compute: Sequence[str]) -> list[Server]:
    """Return the servers that a volume in `zone` can go to. `compute` are the zones that servers stand in.

    Where block storage has zones of its own that are called otherwise, nothing follows from them.
    """
    return [one for one in servers if zone not in compute or not one.zone or one.zone == zone]


def changeable(server: Server) -> Iterable[Refusal]:
    """Say why the server's volumes can't be changed now."""
    words = {"server": str(server), "state": server.status}
    if server.status not in SERVER_STATES:
        yield Refusal(
            "server_id", _("%(server)s is in the state “%(state)s”. Wait until it runs, or is stopped.") % words
        )
    if server.locked:
        yield Refusal("server_id", _("%(server)s is locked. Unlock it first.") % words)
