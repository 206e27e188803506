"""Images, as far as the tenant sees them."""

from django.db.models import Count, Q
from django.utils.translation import gettext_lazy as _

from projects.api.shapes import shape_of
from projects.kinds import Kind
from projects.searching import by_name
from services.images.models import Image
from services.openstack.words import Service

IMAGES = Kind(
    key="images",
    one="image",
    name=_("Image"),
    names=_("Images"),
    noun=_("images"),
    icon="image",
    states="image",
    group="compute",
    position=20,
    figures=lambda tenant: tenant.images.aggregate(total=Count("id"), owned=Count("id", Q(owned=True))),
    model=Image,
    service=Service.IMAGE,
    shape=shape_of("Image", Image),
    search=lambda q: by_name(q, "os_distro"),
)
