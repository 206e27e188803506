"""The pages of the wing, below a tenant."""

from typing import Any

from projects.routes import kind
from services.images import detail as image
from services.images import listing as images

in_tenant: list[Any] = [
    *kind("images", "image", images.index, image.show),
]
