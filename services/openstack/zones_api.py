"""Availability zones. Compute and block storage have their own, which may have the same names: a list, no pages."""

from projects.api.kinds import Kind
from projects.api.shapes import shape_of
from projects.models import Service
from services.openstack.models import Zone

ZONES = Kind(key="zones", one="zone", model=Zone, service=Service.COMPUTE, shape=shape_of("Zone", Zone), has_page=False)
