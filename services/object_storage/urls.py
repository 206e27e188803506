"""The pages of the wing, below a tenant."""

from typing import Any

from projects.routes import kind
from services.object_storage.containers import detail as container
from services.object_storage.containers import listing as containers

in_tenant: list[Any] = [
    *kind("containers", "container", containers.index, container.show),
]
