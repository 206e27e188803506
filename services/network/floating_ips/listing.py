"""The list of floating IPs."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.ui.commands import Command
from projects.models import Tenant
from projects.pages.listing import Column, Empty, Listing, flags_facet, values_facet
from services.compute.models import Server
from services.network.floating_ips import buttons
from services.network.floating_ips.bulk import BULKS
from services.network.floating_ips.kind import FLOATING_IPS
from services.network.models import FloatingIP, Network


def beside(tenant: Tenant, floating: Sequence[FloatingIP], _seen: datetime | None) -> dict[str, Any]:
    """Return the rows with the names of each address's server and external network."""
    servers = dict(
        Server.objects.filter(tenant=tenant, external_id__in={one.server_id for one in floating}).values_list(
            "external_id", "name"
        )
    )
    networks = dict(
        Network.objects.filter(tenant=tenant, external_id__in={one.network_id for one in floating}).values_list(
            "external_id", "name"
        )
    )
    return {
        "rows": [
            (one, servers.get(one.server_id, ""), networks.get(one.network_id, one.network_id)) for one in floating
        ]
    }


LISTING = Listing(
    kind=FLOATING_IPS,
    template="network/floating_ips.html",
    columns=(
        Column("address", _("Address"), sort=("address",)),
        Column("status", _("Status"), sort=("status",)),
        Column("server", _("Associated with")),
        Column("fixed", _("Fixed address"), sort=("fixed_address",)),
        Column("network", _("From network"), "lo"),
        Column("description", _("Description"), "lo", sort=("description",)),
    ),
    default="address",
    facets=(
        values_facet(FloatingIP, "status", _("Status"), kind="floating_ip", option="--status"),
        flags_facet(
            FloatingIP,
            "use",
            _("Use"),
            {"in-use": (_("in use"), ~Q(port_id="")), "idle": (_("idle"), Q(port_id=""))},
        ),
    ),
    placeholder=_("Address, description or id"),
    command="floating ip list",
    empty=Empty(
        _("No floating IPs yet"),
        _("A floating IP makes a server reachable from outside, and moves to another server when you want."),
        Command("floating ip create", things=["public"]),
    ),
    csv={
        "id": lambda one: one.external_id,
        "address": lambda one: one.address,
        "status": lambda one: one.status,
        "fixed_address": lambda one: one.fixed_address,
        "server_id": lambda one: one.server_id,
        "port_id": lambda one: one.port_id,
        "description": lambda one: one.description,
    },
    beside=beside,
    create=buttons.allocate_floating_ip,
    bulks=BULKS,
    menu=buttons.menu,
)
