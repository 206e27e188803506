"""Glance: images, all read in the slow part. Source: docs.openstack.org/api-ref/image/v2."""

from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any, NamedTuple

from pydantic import Field, TypeAdapter, field_validator

from clouds.openstack.inventory.values import Row, Text, Time
from clouds.openstack.paging import read_all
from clouds.openstack.services import Service
from clouds.openstack.session import Connection


class Image(Row):
    """An image visible to the project: its own (`owned`), shared with it, or public."""

    status: str
    visibility: Text = ""
    project_id: Text = Field("", validation_alias="owner", exclude=True)
    owned: bool = False
    size_bytes: int | None = Field(None, validation_alias="size")
    min_disk_gb: int = Field(0, validation_alias="min_disk")
    min_ram_mb: int = Field(0, validation_alias="min_ram")
    disk_format: Text = ""
    os_distro: Text = ""
    os_version: Text = ""
    architecture: Text = ""
    # Nova sets this on a snapshot of a server with a local disk, but not of one that boots from a volume.
    server_id: Text = Field("", validation_alias="instance_uuid")
    protected: bool = False
    created_at: Time | None = None

    @field_validator("min_disk_gb", "min_ram_mb", mode="before")
    @classmethod
    def _null_is_none_needed(cls, value: Any) -> Any:
        return value or 0


class Images(NamedTuple):
    """Glance's part."""

    images: list[Image]


_IMAGES = TypeAdapter(list[Image])


def start(pool: Executor, connection: Connection) -> Callable[[], Images]:
    """Start the calls and return a function that waits for them."""
    images = pool.submit(list_images, connection)
    return lambda: Images(images.result())


def list_images(connection: Connection) -> list[Image]:
    """List the images visible to the project (GET /images)."""
    rows = read_all(connection, Service.IMAGE, "/images", "images", _IMAGES)
    return [row.model_copy(update={"owned": row.project_id == connection.project_id}) for row in rows]
