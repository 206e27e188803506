"""Flavors: how large a server can be."""

from django.utils.translation import gettext_lazy as _

from projects.api.shapes import shape_of
from projects.kinds import Kind
from services.compute.models import Flavor
from services.openstack.words import Service

FLAVORS = Kind(
    key="flavors",
    one="flavor",
    name=_("Flavor"),
    names=_("Flavors"),
    noun=_("flavors"),
    position=300,
    found=False,
    model=Flavor,
    service=Service.COMPUTE,
    shape=shape_of("Flavor", Flavor),
)
