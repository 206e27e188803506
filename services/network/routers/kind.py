"""Routers."""

from django.utils.translation import gettext_lazy as _

from projects.api.shapes import shape_of
from projects.kinds import Kind, News, as_is
from projects.searching import by_name_or_address
from services.network.models import Router
from services.openstack.words import Service

ROUTERS = Kind(
    key="routers",
    one="router",
    name=_("Router"),
    names=_("Routers"),
    noun=_("routers"),
    icon="route",
    states="router",
    group="network",
    position=80,
    hint=lambda router: " ".join(router.external_addresses[:2]),
    figures=lambda tenant: {"total": tenant.routers.count()},
    news=News({"name": as_is}),
    model=Router,
    service=Service.NETWORK,
    shape=shape_of("Router", Router, external_addresses=list[str]),
    search=lambda q: by_name_or_address(q, "external_addresses"),
)
