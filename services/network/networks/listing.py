"""The list of networks, each with its subnets, and the tenant's routers below."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Count, Q
from django.utils.translation import gettext_lazy as _

from portal.ui.commands import Command
from projects.models import Tenant
from projects.pages.listing import Column, Empty, Listing, flags_facet, values_facet
from services.network.models import Network, Port, Router, Subnet
from services.network.networks import buttons
from services.network.networks.kind import NETWORKS
from services.network.routers.listing import described


def beside(tenant: Tenant, networks: Sequence[Network], _seen: datetime | None) -> dict[str, Any]:
    """Return each network with its subnets and number of ports, and the tenant's routers with their networks."""
    ids = [network.external_id for network in networks]
    subnets: dict[str, list[Subnet]] = {}
    for subnet in Subnet.objects.filter(tenant=tenant, network_id__in=ids).order_by("ip_version", "cidr"):
        subnets.setdefault(subnet.network_id, []).append(subnet)
    counts = (
        Port.objects.filter(tenant=tenant, network_id__in=ids)
        .order_by("network_id")
        .values_list("network_id")
        .annotate(n=Count("pk"))
    )
    ports = dict(counts)
    return {
        "rows": [(n, subnets.get(n.external_id, []), ports.get(n.external_id, 0)) for n in networks],
        "routers": described(tenant, list(Router.objects.filter(tenant=tenant))),
    }


LISTING = Listing(
    kind=NETWORKS,
    template="network/networks.html",
    columns=(
        Column("name", _("Name"), sort=("name",)),
        Column("status", _("Status"), sort=("status",)),
        Column("subnets", _("Subnets")),
        Column("from", _("From"), sort=("owned", "shared")),
        Column("ports", _("Ports"), "r"),
        Column("mtu", _("MTU"), "r lo", sort=("mtu",)),
    ),
    facets=(
        values_facet(Network, "status", _("Status"), kind="network"),
        flags_facet(
            Network,
            "from",
            _("From"),
            {
                "project": (_("this project"), Q(owned=True)),
                "shared": (_("shared with it"), Q(owned=False, external=False)),
                "external": (_("external"), Q(external=True)),
            },
        ),
    ),
    placeholder=_("Name, description or id"),
    command="network list",
    empty=Empty(
        _("No networks yet"),
        _("A network connects servers. A router connects it with other networks and with the internet."),
        Command("network create", things=["app-net"]),
    ),
    csv={
        "id": lambda network: network.external_id,
        "name": lambda network: network.name,
        "status": lambda network: network.status,
        "owned": lambda network: network.owned,
        "shared": lambda network: network.shared,
        "external": lambda network: network.external,
        "mtu": lambda network: network.mtu,
    },
    beside=beside,
    create=buttons.create_network,
    menu=buttons.menu,
)
