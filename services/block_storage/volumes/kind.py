"""Volumes and their types."""

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portal.ui import formats
from projects.api.shapes import Shape, shape_of
from projects.kinds import Kind, News, as_is, ids
from projects.searching import by_name
from services.block_storage import figures
from services.block_storage.models import Volume, VolumeType
from services.openstack.words import Service


class Attachment(Shape):
    """Where a volume is attached; `attached_at` as the cloud writes it."""

    server_id: str
    device: str = ""
    attached_at: str = ""


def grew(old: int, new: int) -> list[str]:
    """Say how large a volume was and is."""
    return [gettext("grew from %(old)s to %(new)s GB") % {"old": old, "new": new}]


def attached(_old: list[str], new: list[str]) -> list[str]:
    """Say whether a volume is attached now."""
    return [gettext("was attached") if new else gettext("was detached")]


VOLUMES = Kind(
    key="volumes",
    one="volume",
    name=_("Volume"),
    names=_("Volumes"),
    noun=_("volumes"),
    icon="hard-drive",
    states="volume",
    group="storage",
    position=40,
    hint=lambda volume: str(formats.gibibytes(volume.size_gb)),
    figures=figures.volumes,
    passing=lambda rows: figures.any_working("volume", rows),
    news=News(
        {"name": as_is, "status": as_is, "size_gb": as_is, "attachments": ids("server_id")},
        phrases={"size_gb": grew, "attachments": attached},
        follows=frozenset({"status"}),
    ),
    model=Volume,
    service=Service.BLOCK_STORAGE,
    shape=shape_of("Volume", Volume, attachments=list[Attachment], metadata=dict[str, str]),
    search=lambda q: by_name(q, "description", "image_name"),
)
VOLUME_TYPES = Kind(
    key="volume-types",
    one="volume type",
    name=_("Volume type"),
    names=_("Volume types"),
    position=310,
    found=False,
    model=VolumeType,
    service=Service.BLOCK_STORAGE,
    shape=shape_of("VolumeType", VolumeType),
)
