"""The list of servers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from portal.ui import formats
from portal.ui.templatetags.meshdeck import badge, copy
from portal.ui.templatetags.meshdeck import status as old_status
from projects.converters import Handle
from projects.models import Network, Port, SecurityGroup, Server, Service, Tenant
from projects.pages import faults
from projects.pages.listing import Choice, Column, Empty, Facet, Listing, show, values_facet
from projects.pages.searching import by_name_or_address


def networks_in_use(tenant: Tenant) -> list[Choice]:
    """Networks that servers stand in, by the servers' ports."""
    counts = dict(
        Port.objects.filter(tenant=tenant, device_owner__startswith="compute:")
        .order_by("network_id")
        .values_list("network_id")
        .annotate(servers=Count("device_id", distinct=True))
    )
    names = Network.objects.filter(tenant=tenant, external_id__in=counts).values_list("external_id", "name")
    return [Choice(id_, name or id_, counts[id_]) for id_, name in names]


def in_networks(tenant: Tenant, ids: Sequence[str]) -> Q:
    """Servers with a port in one of these networks."""
    ports = Port.objects.filter(tenant=tenant, network_id__in=ids, device_owner__startswith="compute:")
    return Q(external_id__in=ports.values("device_id"))


def groups_in_use(tenant: Tenant) -> list[Choice]:
    """Security groups of servers, counted in one pass over what the servers say."""
    counts: dict[str, int] = {}
    for groups in Server.objects.filter(tenant=tenant).values_list("security_groups", flat=True).order_by():
        for group in groups:
            counts[group["id"]] = counts.get(group["id"], 0) + 1
    names = SecurityGroup.objects.filter(tenant=tenant, external_id__in=counts).values_list("external_id", "name")
    return [Choice(id_, name or id_, counts[id_]) for id_, name in names]


def in_groups(_tenant: Tenant, ids: Sequence[str]) -> Q:
    """Servers in one of these groups. An id in quotes occurs in the JSON only as an id."""
    found = Q(pk__in=[])
    for id_ in ids:
        found |= Q(security_groups__icontains=f'"{id_}"')
    return found


@dataclass(frozen=True, slots=True)
class Row:
    """A server as its row shows it, computed here so that the template has little to do 50 times."""

    key: str
    url: str
    name: str
    status: str
    addresses: str
    flavor: str
    sizes: str
    group: str
    more_groups: int
    age: str


def row(server: Server, place: str, seen: datetime | None, now: datetime) -> Row:
    """One row; `seen` is the time of the data when it is old."""
    if seen is None:
        state, fault = faults.state_of(server), faults.explain(server, place)
        status = badge(state.role, f"{state.word}: {fault.short}" if fault else state.word)
    else:
        status = old_status("server", server.status, seen=seen)
    groups = server.security_groups
    return Row(
        key=f"s{server.pk}",
        url=f"{server.external_id}/",
        name=str(server),
        status=status,
        addresses=_addresses(server),
        flavor=server.flavor_name,
        sizes=f"{server.vcpus} vCPU, {formats.mebibytes(server.ram_mb)}",
        group=groups[0]["name"] if groups else _now("none"),
        more_groups=len(groups) - 1,
        age=formats.age(server.created_at, now) if server.created_at else "",
    )


def _addresses(server: Server) -> str:
    """The first address, and beside it on wide screens the others, each to be copied."""
    chips = [copy(one["address"]) for one in server.addresses]
    if not chips:
        return format_html('<span class="dim">{}</span>', _now("none yet"))
    return format_html_join(" ", "{}", [(chips[0],), *((_wide(chip),) for chip in chips[1:])])


def _wide(chip: str) -> str:
    return format_html('<span class="hidden-s">{}</span>', chip)


def beside(tenant: Tenant, servers: Sequence[Server], seen: datetime | None) -> dict[str, Any]:
    """The rows of one page."""
    now = timezone.now()
    return {"rows": [row(server, tenant.location.name, seen, now) for server in servers]}


SERVERS = Listing(
    key="servers",
    title=_("Servers"),
    noun=_("servers"),
    service=Service.COMPUTE,
    rows=lambda tenant: Server.objects.filter(tenant=tenant),
    template="projects/servers.html",
    columns=(
        Column("name", _("Name"), sort=("name",)),
        Column("status", _("Status"), sort=("status",)),
        Column("addresses", _("Addresses")),
        Column("flavor", _("Flavor"), sort=("vcpus", "ram_mb", "flavor_name")),
        Column("groups", _("Security groups"), "lo"),
        # Ascending age is descending time of creation; what the reader sees as "oldest last" sorts by the column shown.
        Column("created", _("Age"), "r", sort=("created_at",)),
    ),
    facets=(
        values_facet(Server, "status", _("Status"), kind="server", option="--status"),
        values_facet(Server, "flavor_name", _("Flavor"), option="--flavor", key="flavor"),
        Facet("network", _("Network"), networks_in_use, in_networks),
        Facet("group", _("Security group"), groups_in_use, in_groups),
        values_facet(Server, "zone", _("Zone"), option="--availability-zone"),
    ),
    search=lambda q: by_name_or_address(q, "addresses", "image_name"),
    placeholder=_("Name, address, id or image"),
    command="server list",
    empty=Empty(
        _("No servers yet"),
        _("A server is a machine of your own, with the processors, memory and networks that you choose for it."),
        "server create --flavor m1.small --image debian-13 --network default web-01",
    ),
    csv={
        "id": lambda server: server.external_id,
        "name": lambda server: server.name,
        "status": lambda server: server.status,
        "addresses": lambda server: " ".join(one["address"] for one in server.addresses),
        "flavor": lambda server: server.flavor_name,
        "vcpus": lambda server: server.vcpus,
        "ram_mb": lambda server: server.ram_mb,
        "disk_gb": lambda server: server.disk_gb,
        "image": lambda server: server.image_name,
        "security_groups": lambda server: " ".join(group["name"] for group in server.security_groups),
        "zone": lambda server: server.zone,
        "created_at": lambda server: server.created_at and server.created_at.isoformat(),
    },
    beside=beside,
)


@require_safe
@login_required
def index(request: HttpRequest, handle: Handle) -> HttpResponse:
    """All servers of a tenant."""
    return show(request, handle, SERVERS)
