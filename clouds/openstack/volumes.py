"""Cinder: one volume, and what can be done with it. Source: docs.openstack.org/api-ref/block-storage/v3.

Every function makes one request; a list takes one for each page. All but `update` only begin something: `get` tells by
the status how it goes on ("creating", "extending", "reverting", "deleting", and at last "available", "in-use" or an
"error…"). Conflict: the volume is not in a state for it. From Ocata (3.27) on; what needs more says so.
"""

import json
from typing import Any

from pydantic import TypeAdapter

from clouds import errors
from clouds.openstack.inventory.block_storage import Volume
from clouds.openstack.marks import MARK
from clouds.openstack.paging import get_part, part_of, read_all
from clouds.openstack.resources import created_id, path
from clouds.openstack.services import Microversion, Service
from clouds.openstack.session import Connection
from clouds.openstack.touched import TOUCHED

REVERT: Microversion = (3, 40)
EXTEND_ATTACHED: Microversion = (3, 42)


_VOLUME = TypeAdapter(Volume)
_VOLUMES = TypeAdapter(list[Volume])


def get(connection: Connection, volume_id: str) -> Volume:
    """The volume as it is. NotFound: there is none."""
    return get_part(connection, Service.BLOCK_STORAGE, path("volumes", volume_id), ("volume",), _VOLUME)


def updated_at(connection: Connection, volume_id: str) -> str:
    """When the cloud last changed the volume, in its own words and by its own clock; empty while it never did.

    To be compared with what it was: a change of the volume's state is another time. Not so where the cloud's database
    keeps whole seconds (MySQL) and the change before was in the same second: then nothing seems to have changed.
    NotFound: there is none.
    """
    where = path("volumes", volume_id)
    return get_part(connection, Service.BLOCK_STORAGE, where, ("volume",), TOUCHED).updated_at


def find_marked(connection: Connection, mark: str) -> list[Volume]:
    """The project's volumes that carry the mark.

    Compared here again: a cloud whose operator has closed the filter ignores it.
    """
    asked = {"metadata": json.dumps({MARK: mark})}
    rows = read_all(connection, Service.BLOCK_STORAGE, "/volumes/detail", "volumes", _VOLUMES, asked)
    return [row for row in rows if row.metadata.get(MARK) == mark]


def create(
    connection: Connection,
    *,
    name: str,
    mark: str,
    description: str = "",
    size_gb: int | None = None,
    volume_type: str = "",
    image_id: str = "",
    snapshot_id: str = "",
    source_volume_id: str = "",
    zone: str = "",
) -> str:
    """Begins a volume and returns its id: an empty one, or one made from an image, a snapshot or another volume.

    `size_gb` None: as large as the snapshot or the volume that it is made from. `volume_type` is a name or an id; where
    it and `zone` are empty the cloud chooses. QuotaExceeded. Invalid: too small for what it is made from, no such image
    or zone. NotFound: no such snapshot, source volume or type. Conflict: the snapshot or source is at work.
    """
    wanted: dict[str, Any] = {
        "name": name,
        "description": description,
        "size": size_gb,
        "volume_type": volume_type,
        "imageRef": image_id,
        "snapshot_id": snapshot_id,
        "source_volid": source_volume_id,
        "availability_zone": zone,
    }
    volume = {key: value for key, value in wanted.items() if value not in ("", None)} | {"metadata": {MARK: mark}}
    response = connection.send(Service.BLOCK_STORAGE, "POST", "/volumes", {"volume": volume}, expect=(200, 202))
    return created_id(Service.BLOCK_STORAGE, response, "volume")


def update(connection: Connection, volume_id: str, *, name: str, description: str) -> Volume:
    """Gives the volume a name and a description, and returns it. Its metadata, and so the mark, stay."""
    body = {"volume": {"name": name, "description": description}}
    response = connection.send(Service.BLOCK_STORAGE, "PUT", path("volumes", volume_id), body, expect=(200,))
    return part_of(Service.BLOCK_STORAGE, response, ("volume",), _VOLUME)


def delete(connection: Connection, volume_id: str) -> None:
    """Begins to delete the volume. NotFound: it is gone. Conflict: it is attached, has snapshots, or is at work."""
    connection.send(Service.BLOCK_STORAGE, "DELETE", path("volumes", volume_id), expect=(202, 204))


def can_extend_attached(connection: Connection) -> bool:
    """Whether the cloud extends a volume while it is attached (block storage 3.42, Pike), if its driver can."""
    return _speaks(connection, EXTEND_ATTACHED)


def extend(connection: Connection, volume_id: str, size_gb: int) -> None:
    """Begins to make the volume `size_gb` large: "extending" until it is "available", or "in-use", again.

    An attached volume has to be "in-use", and needs `can_extend_attached`: else Conflict. QuotaExceeded counts what is
    added. Invalid: not larger than it is.
    """
    _act(connection, volume_id, {"os-extend": {"new_size": size_gb}})


def can_revert(connection: Connection) -> bool:
    """Whether the cloud puts a volume back to a snapshot in place (block storage 3.40, Pike)."""
    return _speaks(connection, REVERT)


def revert_to_snapshot(connection: Connection, volume_id: str, snapshot_id: str) -> None:
    """Begins to put the volume back to its latest snapshot, for which it has to be "available".

    What was written since is lost. Invalid: not its latest snapshot, or smaller than the volume has become; and without
    a request where the cloud is too old, since it would answer as if there were no such volume.
    """
    connection.endpoint(Service.BLOCK_STORAGE)  # NotFound where there is none at all
    if not can_revert(connection):
        reason = f"Block storage is too old here: reverting needs version {REVERT[0]}.{REVERT[1]}."
        raise errors.Invalid(reason, service=Service.BLOCK_STORAGE)
    _act(connection, volume_id, {"revert": {"snapshot_id": snapshot_id}})


def unreserve(connection: Connection, volume_id: str) -> None:
    """Takes a volume that is stuck in "attaching" back to "available", or to "in-use" where it is attached elsewhere.

    Only for one that no server is still attaching. In any other state cinder says yes and does nothing. This and
    `roll_detaching` are all that its policy lets a member do about a volume that is stuck; to reset a state, or to
    delete or detach by force, takes an administrator.
    """
    _act(connection, volume_id, {"os-unreserve": None})


def roll_detaching(connection: Connection, volume_id: str) -> None:
    """Takes a volume that is stuck in "detaching" back to "in-use", from where it can be detached again.

    In any other state cinder says yes and does nothing.
    """
    _act(connection, volume_id, {"os-roll_detaching": None})


def _act(connection: Connection, volume_id: str, action: dict[str, Any]) -> None:
    connection.send(Service.BLOCK_STORAGE, "POST", path("volumes", volume_id, "action"), action, expect=(202,))


def _speaks(connection: Connection, needed: Microversion) -> bool:
    endpoint = connection.endpoints.get(Service.BLOCK_STORAGE)
    return endpoint is not None and endpoint.microversion is not None and endpoint.microversion >= needed
