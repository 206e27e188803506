"""Containers of object storage."""

from projects.api.kinds import Kind
from projects.api.shapes import shape_of
from projects.models import Service
from services.object_storage.models import Container

CONTAINERS = Kind(
    key="containers",
    one="container",
    model=Container,
    service=Service.OBJECT_STORE,
    shape=shape_of("Container", Container),
)
