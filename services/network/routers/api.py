"""Routers."""

from projects.api.kinds import Kind
from projects.api.shapes import shape_of
from projects.models import Service
from projects.pages.searching import by_name_or_address
from services.network.models import Router

ROUTERS = Kind(
    key="routers",
    one="router",
    model=Router,
    service=Service.NETWORK,
    shape=shape_of("Router", Router, external_addresses=list[str]),
    search=lambda q: by_name_or_address(q, "external_addresses"),
)
