"""What attaching and detaching share."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Protocol

from django.utils.translation import gettext as _

from clouds.openstack import servers
from clouds.openstack.inventory import block_storage
from projects.actions.base import Refusal, name_of
from projects.models import Server, Volume

if TYPE_CHECKING:
    from projects.operations.run import Run

# States of a server in which its volumes can be changed (nova.compute.api: attach_volume, detach_volume).
SERVER_STATES = ("ACTIVE", "PAUSED", "SHUTOFF", "SUSPENDED", "VERIFY_RESIZE", "SHELVED", "SHELVED_OFFLOADED")


class Pair(Protocol):
    """A volume and a server."""

    @property
    def volume_id(self) -> str: ...
    @property
    def server_id(self) -> str: ...


def named(pair: Pair, names: Mapping[str, str]) -> dict[str, str]:
    """Both by their names, for a sentence."""
    return {"volume": name_of(names, pair.volume_id), "server": name_of(names, pair.server_id)}


def see_both(run: "Run", volume: block_storage.Volume, server_id: str) -> None:
    """Writes what is now true of the volume, and of the server's list of volumes."""
    run.saw(volume)
    run.saw_server(servers.get(run.cloud, server_id), volume)


def attachable(volume: Volume, server: Server) -> Iterable[Refusal]:
    """Why this volume can't go to this server now."""
    words = {"volume": str(volume), "server": str(server), "state": volume.status}
    if any(one["server_id"] == server.external_id for one in volume.attachments):
        yield Refusal("volume_id", _("%(volume)s is attached to %(server)s already.") % words)
    elif volume.attachments and not volume.multiattach:
        yield Refusal("volume_id", _("%(volume)s is attached to another server. Detach it there first.") % words)
    elif volume.status not in ("available", "in-use"):
        said = _("%(volume)s is in the state “%(state)s”. Only a volume that is available can be attached.")
        yield Refusal("volume_id", said % words)
    yield from changeable(server)


def changeable(server: Server) -> Iterable[Refusal]:
    """Why the server's volumes can't be changed now."""
    words = {"server": str(server), "state": server.status}
    if server.status not in SERVER_STATES:
        yield Refusal(
            "server_id", _("%(server)s is in the state “%(state)s”. Wait until it runs, or is stopped.") % words
        )
    if server.locked:
        yield Refusal("server_id", _("%(server)s is locked. Unlock it first.") % words)
