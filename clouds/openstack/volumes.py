"""Cinder: operations on one volume. Source: docs.openstack.org/api-ref/block-storage/v3.

Every function makes one request; a list takes one per page. All but `update` only begin the change: `get` shows its
progress in the status ("creating", "extending", "reverting", "deleting", and finally "available", "in-use" or an
"error…"). Conflict: the volume's state does not allow it. Works with Ocata (3.27) and later; functions that need a
newer cloud say so.
"""

import json
from typing import Any

from pydantic import TypeAdapter

from clouds import errors
from clouds.openstack.inventory.block_storage import Volume
from clouds.openstack.last_change import LAST_CHANGE
from clouds.openstack.marks import MARK
from clouds.openstack.paging import get_part, part_of, read_all
from clouds.openstack.resources import created_id, path
from clouds.openstack.services import Microversion, Service
from clouds.openstack.session import Connection

REVERT: Microversion = (3, 40)
EXTEND_ATTACHED: Microversion = (3, 42)


_VOLUME = TypeAdapter(Volume)
_VOLUMES = TypeAdapter(list[Volume])


def get(connection: Connection, volume_id: str) -> Volume:
    """Return the volume. NotFound if there is none."""
    return get_part(connection, Service.BLOCK_STORAGE, path("volumes", volume_id), ("volume",), _VOLUME)


def updated_at(connection: Connection, volume_id: str) -> str:
    """Return when the cloud last changed the volume, as it writes it and by its own clock; empty if it never did.

    Compare it with an earlier value: every change of the volume's state sets another time. The exception is a cloud
    whose database stores whole seconds (MySQL), where two changes in the same second look like one. NotFound if there
    is none.
    """
    where = path("volumes", volume_id)
    return get_part(connection, Service.BLOCK_STORAGE, where, ("volume",), LAST_CHANGE).updated_at


def find_marked(connection: Connection, mark: str) -> list[Volume]:
    """Return the project's volumes that carry the mark.

    The mark is compared again here: a cloud whose operator has disabled the filter ignores it.
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
    """Begin to create a volume and return its id: an empty one, or one from an image, a snapshot or another volume.

    `size_gb` None: as large as the source snapshot or volume. `volume_type` is a name or an id; where it and `zone` are
    empty the cloud chooses. QuotaExceeded. Invalid: too small for its source, or no such image or zone. NotFound: no
    such snapshot, source volume or type. Conflict: the snapshot or source is busy.
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
    """Set the volume's name and description and return it. Its metadata, and so the mark, stay."""
    body = {"volume": {"name": name, "description": description}}
    response = connection.send(Service.BLOCK_STORAGE, "PUT", path("volumes", volume_id), body, expect=(200,))
    return part_of(Service.BLOCK_STORAGE, response, ("volume",), _VOLUME)


def delete(connection: Connection, volume_id: str) -> None:
    """Begin to delete the volume. NotFound: it is gone. Conflict: it is attached, has snapshots, or is busy."""
    connection.send(Service.BLOCK_STORAGE, "DELETE", path("volumes", volume_id), expect=(202, 204))


def can_extend_attached(connection: Connection) -> bool:
    """Return whether the cloud, if its driver can, extends an attached volume (block storage 3.42, Pike)."""
    return _speaks(connection, EXTEND_ATTACHED)


def extend(connection: Connection, volume_id: str, size_gb: int) -> None:
    """Begin to extend the volume to `size_gb`: "extending" until it is "available", or "in-use", again.

    An attached volume must be "in-use" and needs `can_extend_attached`, else Conflict. QuotaExceeded counts only what
    is added. Invalid: not larger than it is.
    """
    _act(connection, volume_id, {"os-extend": {"new_size": size_gb}})


def can_revert(connection: Connection) -> bool:
    """Return whether the cloud can revert a volume to a snapshot in place (block storage 3.40, Pike)."""
    return _speaks(connection, REVERT)


def revert_to_snapshot(connection: Connection, volume_id: str, snapshot_id: str) -> None:
    """Begin to revert the volume to its latest snapshot. The volume must be "available".

    Everything written since is lost. Invalid: not its latest snapshot, or smaller than the volume is now; also raised
    without a request if the cloud is too old, because it would answer as if there were no such volume.
    """
    connection.endpoint(Service.BLOCK_STORAGE)  # raises NotFound if the cloud has no block storage
    if not can_revert(connection):
        reason = f"Block storage is too old to revert a volume, which needs version {REVERT[0]}.{REVERT[1]}."
        raise errors.Invalid(reason, service=Service.BLOCK_STORAGE)
    _act(connection, volume_id, {"revert": {"snapshot_id": snapshot_id}})


def unreserve(connection: Connection, volume_id: str) -> None:
    """Reset a volume stuck in "attaching" to "available", or to "in-use" if it is attached elsewhere.

    Use it only if no server is still attaching the volume. In any other state cinder answers success and does nothing.
    This and `roll_detaching` are all that cinder's policy lets a member do about a stuck volume; resetting a state, or
    deleting or detaching by force, takes an administrator.
    """
    _act(connection, volume_id, {"os-unreserve": None})


def roll_detaching(connection: Connection, volume_id: str) -> None:
    """Reset a volume stuck in "detaching" to "in-use", from where it can be detached again.

    In any other state cinder answers success and does nothing.
    """
    _act(connection, volume_id, {"os-roll_detaching": None})


def _act(connection: Connection, volume_id: str, action: dict[str, Any]) -> None:
    connection.send(Service.BLOCK_STORAGE, "POST", path("volumes", volume_id, "action"), action, expect=(202,))


def _speaks(connection: Connection, needed: Microversion) -> bool:
    endpoint = connection.endpoints.get(Service.BLOCK_STORAGE)
    return endpoint is not None and endpoint.microversion is not None and endpoint.microversion >= needed
