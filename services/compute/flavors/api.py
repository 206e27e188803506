"""Flavors: how large a server can be."""

from projects.api.kinds import Kind
from projects.api.shapes import shape_of
from projects.models import Service
from services.compute.models import Flavor

FLAVORS = Kind(key="flavors", one="flavor", model=Flavor, service=Service.COMPUTE, shape=shape_of("Flavor", Flavor))
