"""Snapshots of volumes."""

from django.utils.translation import gettext_lazy as _

from projects.api.shapes import shape_of
from projects.kinds import Kind, News, as_is
from projects.searching import by_name
from services.block_storage import figures
from services.block_storage.models import Snapshot
from services.openstack.words import Service

SNAPSHOTS = Kind(
    key="snapshots",
    one="snapshot",
    name=_("Snapshot"),
    names=_("Snapshots"),
    noun=_("snapshots"),
    icon="camera",
    states="snapshot",
    group="storage",
    position=50,
    figures=figures.snapshots,
    passing=lambda rows: figures.any_working("snapshot", rows),
    news=News({"name": as_is, "status": as_is}),
    model=Snapshot,
    service=Service.BLOCK_STORAGE,
    shape=shape_of("Snapshot", Snapshot),
    search=lambda q: by_name(q, "description", "volume_id"),
)
