"""The list of routers, each with its networks and its external gateway."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.ui.commands import Command
from projects.models import Tenant
from projects.pages.listing import Column, Empty, Listing, flags_facet, values_facet
from services.network.models import Network, Port, Router
from services.network.networks.lookups import INTERFACE
from services.network.routers import buttons
from services.network.routers.kind import ROUTERS


def described(tenant: Tenant, routers: Sequence[Router]) -> list[dict[str, Any]]:
    """Return each router with its external network and its networks (two queries)."""
    if not routers:
        return []
    names = dict(Network.objects.filter(tenant=tenant).values_list("external_id", "name"))
    joined: dict[str, list[dict[str, str]]] = {}
    inner = Port.objects.filter(INTERFACE, tenant=tenant, device_id__in=[router.external_id for router in routers])
    for device, network in inner.order_by().values_list("device_id", "network_id").distinct():
        joined.setdefault(device, []).append({"id": network, "name": names.get(network) or network})
    for networks in joined.values():
        networks.sort(key=lambda one: (one["name"].casefold(), one["id"]))
    return [
        {
            "router": router,
            "outside": names.get(router.external_network_id) or router.external_network_id,
            "networks": joined.get(router.external_id, []),
        }
        for router in routers
    ]


LISTING = Listing(
    kind=ROUTERS,
    template="network/routers.html",
    columns=(
        Column("name", _("Name"), sort=("name",)),
        Column("status", _("Status"), sort=("status",)),
        Column("networks", _("Networks")),
        Column("outside", _("External network"), sort=("external_network_id",)),
        Column("addresses", _("External address"), "lo"),
    ),
    facets=(
        values_facet(Router, "status", _("Status"), kind="router"),
        flags_facet(
            Router,
            "way",
            _("External gateway"),
            {
                "outside": (_("with gateway"), ~Q(external_network_id="")),
                "inside": (_("without gateway"), Q(external_network_id="")),
            },
        ),
    ),
    placeholder=_("Name, external address or id"),
    command="router list",
    empty=Empty(
        _("No routers yet"),
        _("A router connects networks with each other, and with the internet if it has an external gateway."),
        Command("router create", [("--external-gateway", "public")], ["edge"]),
    ),
    csv={
        "id": lambda router: router.external_id,
        "name": lambda router: router.name,
        "status": lambda router: router.status,
        "admin_state_up": lambda router: router.admin_state_up,
        "external_network_id": lambda router: router.external_network_id,
        "external_addresses": lambda router: " ".join(router.external_addresses),
    },
    beside=lambda tenant, routers, _seen: {"rows": described(tenant, routers)},
    create=buttons.create_router,
    menu=buttons.menu,
)
