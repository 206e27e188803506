"""Availability zones. Compute and block storage have their own, which may have the same names: a list, no pages."""

from django.utils.translation import gettext_lazy as _

from projects.api.shapes import shape_of
from projects.kinds import Kind
from services.openstack.models import Zone
from services.openstack.words import Service

ZONES = Kind(
    key="zones",
    one="zone",
    name=_("Zone"),
    names=_("Zones"),
    position=350,
    found=False,
    model=Zone,
    service=Service.COMPUTE,
    shape=shape_of("Zone", Zone),
    has_page=False,
)
