"""Images, as far as the tenant sees them."""

from projects.api.kinds import Kind
from projects.api.shapes import shape_of
from projects.models import Service
from projects.pages.searching import by_name
from services.images.models import Image

IMAGES = Kind(
    key="images",
    one="image",
    model=Image,
    service=Service.IMAGE,
    shape=shape_of("Image", Image),
    search=lambda q: by_name(q, "os_distro"),
)
