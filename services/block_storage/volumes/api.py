"""Volumes and their types."""

from projects.api.kinds import Kind
from projects.api.shapes import Shape, shape_of
from projects.models import Service
from projects.pages.searching import by_name
from services.block_storage.models import Volume, VolumeType


class Attachment(Shape):
    """Where a volume is attached; `attached_at` as the cloud writes it."""

    server_id: str
    device: str = ""
    attached_at: str = ""


VOLUMES = Kind(
    key="volumes",
    one="volume",
    model=Volume,
    service=Service.BLOCK_STORAGE,
    shape=shape_of("Volume", Volume, attachments=list[Attachment], metadata=dict[str, str]),
    search=lambda q: by_name(q, "description", "image_name"),
)
VOLUME_TYPES = Kind(
    key="volume-types",
    one="volume type",
    model=VolumeType,
    service=Service.BLOCK_STORAGE,
    shape=shape_of("VolumeType", VolumeType),
)
