"""Cinder: one snapshot of a volume, and what can be done with it. Source: docs.openstack.org/api-ref/block-storage/v3.

Every function makes one request; a list takes one for each page. `create` and `delete` only begin something: `get`
tells by the status how it goes on. Conflict: the snapshot, or its volume, is not in a state for it.
"""

import json
from typing import Any

from pydantic import TypeAdapter

from clouds.openstack.inventory.block_storage import Snapshot
from clouds.openstack.marks import MARK
from clouds.openstack.paging import get_part, part_of, read_all
from clouds.openstack.resources import created_id, path
from clouds.openstack.services import Service
from clouds.openstack.session import Connection
from clouds.openstack.touched import TOUCHED

_SNAPSHOT = TypeAdapter(Snapshot)
_SNAPSHOTS = TypeAdapter(list[Snapshot])


def get(connection: Connection, snapshot_id: str) -> Snapshot:
    """The snapshot as it is. NotFound: there is none."""
    return get_part(connection, Service.BLOCK_STORAGE, path("snapshots", snapshot_id), ("snapshot",), _SNAPSHOT)


def updated_at(connection: Connection, snapshot_id: str) -> str:
    """When the cloud last changed the snapshot, as `volumes.updated_at`. NotFound: there is none."""
    where = path("snapshots", snapshot_id)
    return get_part(connection, Service.BLOCK_STORAGE, where, ("snapshot",), TOUCHED).updated_at


def find_marked(connection: Connection, mark: str) -> list[Snapshot]:
    """The project's snapshots that carry the mark.

    Compared here again: a cloud whose operator has closed the filter ignores it.
    """
    asked = {"metadata": json.dumps({MARK: mark})}
    rows = read_all(connection, Service.BLOCK_STORAGE, "/snapshots/detail", "snapshots", _SNAPSHOTS, asked)
    return [row for row in rows if row.metadata.get(MARK) == mark]


def create(
    connection: Connection, *, volume_id: str, name: str, mark: str, description: str = "", force: bool = False
) -> str:
    """Begins a snapshot of the volume and returns its id.

    `force`: also of a volume that is "in-use", as it is at that moment on its disk. QuotaExceeded: snapshots count, and
    mostly their gigabytes too. NotFound: no such volume.
    """
    snapshot: dict[str, Any] = {"volume_id": volume_id, "name": name, "metadata": {MARK: mark}}
    if description:
        snapshot["description"] = description
    if force:  # never as False: newer clouds refuse that
        snapshot["force"] = True
    response = connection.send(Service.BLOCK_STORAGE, "POST", "/snapshots", {"snapshot": snapshot}, expect=(200, 202))
    return created_id(Service.BLOCK_STORAGE, response, "snapshot")


def update(connection: Connection, snapshot_id: str, *, name: str, description: str) -> Snapshot:
    """Gives the snapshot a name and a description, and returns it. Its metadata, and so the mark, stay."""
    body = {"snapshot": {"name": name, "description": description}}
    response = connection.send(Service.BLOCK_STORAGE, "PUT", path("snapshots", snapshot_id), body, expect=(200,))
    return part_of(Service.BLOCK_STORAGE, response, ("snapshot",), _SNAPSHOT)


def delete(connection: Connection, snapshot_id: str) -> None:
    """Begins to delete the snapshot. NotFound: it is gone. Conflict: it is at work, or needed."""
    connection.send(Service.BLOCK_STORAGE, "DELETE", path("snapshots", snapshot_id), expect=(202, 204))
