"""Glance: one image. Source: docs.openstack.org/api-ref/image/v2. Snapshots of servers are made in `servers`."""

from pydantic import Field, TypeAdapter

from clouds.openstack.inventory.image import Image
from clouds.openstack.marks import MARK
from clouds.openstack.paging import get_part, read_all
from clouds.openstack.resources import path
from clouds.openstack.services import Service
from clouds.openstack.session import Connection


class _Marked(Image):
    mark: str | None = Field(None, validation_alias=MARK, exclude=True)


_IMAGE = TypeAdapter(Image)
_MARKED = TypeAdapter(list[_Marked])


def get(connection: Connection, image_id: str) -> Image:
    """Return the image (GET /images/{id}). NotFound if it is gone or not visible to the project."""
    image = get_part(connection, Service.IMAGE, path("images", image_id), (), _IMAGE)
    return image.model_copy(update={"owned": image.project_id == connection.project_id})


def find_marked(connection: Connection, mark: str) -> list[Image]:
    """Return the project's images that the operation `mark` has created: one or none (GET /images)."""
    params = {MARK: mark, "owner": connection.project_id}
    rows = read_all(connection, Service.IMAGE, "/images", "images", _MARKED, params)
    return [row.model_copy(update={"owned": True}) for row in rows if row.mark == mark]


def delete(connection: Connection, image_id: str) -> None:
    """Delete the image (DELETE /images/{id}). Forbidden while it is protected, Conflict while volumes need it."""
    connection.send(Service.IMAGE, "DELETE", path("images", image_id), expect=(204,))
