"""Snapshots of volumes."""

from projects.api.kinds import Kind
from projects.api.shapes import shape_of
from projects.models import Service
from projects.pages.searching import by_name
from services.block_storage.models import Snapshot

SNAPSHOTS = Kind(
    key="snapshots",
    one="snapshot",
    model=Snapshot,
    service=Service.BLOCK_STORAGE,
    shape=shape_of("Snapshot", Snapshot),
    search=lambda q: by_name(q, "description"),
)
