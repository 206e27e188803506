"""Cinder: operations on one snapshot of a volume. Source: docs.openstack.org/api-ref/block-storage/v3.

Every function makes one request; a list takes one per page. `create` and `delete` only begin the change: `get` shows
its progress in the status. Conflict: the state of the snapshot, or of its volume, does not allow it.
"""

import json
from typing import Any

from pydantic import TypeAdapter

from clouds.openstack.inventory.block_storage import Snapshot
from clouds.openstack.last_change import LAST_CHANGE
from clouds.openstack.marks import MARK
from clouds.openstack.paging import get_part, part_of, read_all
from clouds.openstack.resources import created_id, path
from clouds.openstack.services import Service
from clouds.openstack.session import Connection

_SNAPSHOT = TypeAdapter(Snapshot)
_SNAPSHOTS = TypeAdapter(list[Snapshot])


def get(connection: Connection, snapshot_id: str) -> Snapshot:
    """Return the snapshot. NotFound if there is none."""
    return get_part(connection, Service.BLOCK_STORAGE, path("snapshots", snapshot_id), ("snapshot",), _SNAPSHOT)


def updated_at(connection: Connection, snapshot_id: str) -> str:
    """Return when the cloud last changed the snapshot, as `volumes.updated_at`. NotFound if there is none."""
    where = path("snapshots", snapshot_id)
    return get_part(connection, Service.BLOCK_STORAGE, where, ("snapshot",), LAST_CHANGE).updated_at


def find_marked(connection: Connection, mark: str) -> list[Snapshot]:
    """Return the project's snapshots that carry the mark.

    The mark is compared again here: a cloud whose operator has disabled the filter ignores it.
    """
    asked = {"metadata": json.dumps({MARK: mark})}
    rows = read_all(connection, Service.BLOCK_STORAGE, "/snapshots/detail", "snapshots", _SNAPSHOTS, asked)
    return [row for row in rows if row.metadata.get(MARK) == mark]


def create(
    connection: Connection, *, volume_id: str, name: str, mark: str, description: str = "", force: bool = False
) -> str:
    """Begin a snapshot of the volume and return its id.

    `force` also allows an "in-use" volume, with the contents of its disk at that moment. QuotaExceeded: snapshots
    count, and usually their gigabytes too. NotFound: no such volume.
    """
    snapshot: dict[str, Any] = {"volume_id": volume_id, "name": name, "metadata": {MARK: mark}}
    if description:
        snapshot["description"] = description
    if force:  # never sent as False: newer clouds refuse that
        snapshot["force"] = True
    response = connection.send(Service.BLOCK_STORAGE, "POST", "/snapshots", {"snapshot": snapshot}, expect=(200, 202))
    return created_id(Service.BLOCK_STORAGE, response, "snapshot")


def update(connection: Connection, snapshot_id: str, *, name: str, description: str) -> Snapshot:
    """Set the snapshot's name and description and return it. Its metadata, and so the mark, stay."""
    body = {"snapshot": {"name": name, "description": description}}
    response = connection.send(Service.BLOCK_STORAGE, "PUT", path("snapshots", snapshot_id), body, expect=(200,))
    return part_of(Service.BLOCK_STORAGE, response, ("snapshot",), _SNAPSHOT)


def delete(connection: Connection, snapshot_id: str) -> None:
    """Begin to delete the snapshot. NotFound: it is gone. Conflict: it is busy or still needed."""
    connection.send(Service.BLOCK_STORAGE, "DELETE", path("snapshots", snapshot_id), expect=(202, 204))
