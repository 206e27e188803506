"""The list of servers."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from html import escape
from typing import Any

from django.db.models import Count, Q
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from portal.ui import formats, row_actions
from portal.ui.commands import Command
from portal.ui.templatetags.meshdeck import badge, copy
from portal.ui.templatetags.meshdeck import status as old_status
from projects.models import Tenant
from projects.pages.listing import Choice, Column, Empty, Facet, Listing, values_facet
from services.compute.models import Server
from services.compute.servers import buttons, faults
from services.compute.servers.bulk import OF_SERVERS
from services.compute.servers.kind import SERVERS
from services.network.models import Network, Port, SecurityGroup


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


# A row's markup stands here and not in the template: 50 rows of a dozen variables each were half of the page's time.
ROW = (
    '<tr class="pf-v6-c-table__tr" role="row" id="s{key}">{pick}'
    '<th scope="row" class="pf-v6-c-table__th a" role="rowheader"><a class="name" href="{id}/">{name}</a></th>'
    '<td class="pf-v6-c-table__td b" role="cell">{status}</td>'
    '<td class="pf-v6-c-table__td d" role="cell">{addresses}</td>'
    '<td class="pf-v6-c-table__td" role="cell">{flavor} <span class="dim tiny">{sizes}</span></td>'
    '<td class="pf-v6-c-table__td lo" role="cell">{groups}</td>'
    '<td class="pf-v6-c-table__td r soft" role="cell">{age}</td>{menu}</tr>\n'
)
# What a row needs of a server. Without the rest, most of it JSON, a page reads half as long.
READS = (
    "external_id", "name", "status", "task_state", "fault", "flavor_name", "vcpus", "ram_mb",
    "addresses", "security_groups", "created_at",
)  # fmt: skip


def row(server: Server, tenant: Tenant, seen: datetime | None, now: datetime, *, acts: bool) -> str:
    """One row as HTML, everything that a cloud said escaped; `seen` is the time of the data when it is old.

    With `acts` it can be picked, and has a menu.
    """
    counted, status, bad = _state(server.status, server.task_state, get_language())
    if seen is not None:
        status = old_status("server", server.status, seen=seen)
    elif bad and (fault := faults.explain(server, tenant.location.name)):
        status = badge("bad", f"{faults.state_of(server).word}: {fault.short}")
    return ROW.format(
        key=server.pk,
        id=escape(server.external_id),
        name=escape(str(server)),
        status=status,
        addresses=_addresses(server),
        flavor=escape(server.flavor_name),
        sizes=_sizes(server.vcpus, server.ram_mb, get_language()),
        groups=_groups(server),
        age=formats.age(server.created_at, now) if server.created_at else "",
        pick=row_actions.pick_cell(server.external_id, str(server), counted) if acts else "",
        menu=row_actions.menu_cell(server.external_id, str(server)) if acts else "",
    )


@lru_cache(maxsize=512)
def _state(status: str, task_state: str, _language: str | None) -> tuple[str, str, bool]:
    """Say what all servers in a state share: the word they are counted by, the badge, whether that is an error."""
    state = faults.state_of(Server(status=status, task_state=task_state))
    bad = state.role == "bad"
    return str(_now("in error") if bad else state.word).lower(), badge(state.role, state.word), bad


@lru_cache(maxsize=256)
def _sizes(vcpus: int, ram_mb: int, _language: str | None) -> str:
    return escape(f"{vcpus} vCPU, {formats.mebibytes(ram_mb)}")


def _groups(server: Server) -> str:
    """Return the first group's name and how many more there are."""
    groups = server.security_groups
    if not groups:
        return escape(_now("none"))
    more = f' <span class="dim">+{len(groups) - 1}</span>' if len(groups) > 1 else ""
    return escape(groups[0]["name"]) + more


def _addresses(server: Server) -> str:
    """Return the first address, and beside it on wide screens the others, each to be copied."""
    chips = [copy(one["address"]) for one in server.addresses]
    if not chips:
        return f'<span class="dim">{escape(_now("none yet"))}</span>'
    return " ".join([chips[0], *(f'<span class="hidden-s">{chip}</span>' for chip in chips[1:])])


def draw(context: Mapping[str, Any]) -> str:
    """Return the rows of one page."""
    now, tenant, acts = timezone.now(), context["tenant"], context["has_menu"]
    rows = "".join(row(server, tenant, context["seen"], now, acts=acts) for server in context["page"].object_list)
    return mark_safe(rows)  # noqa: S308 - escaped in `row`


LISTING = Listing(
    kind=SERVERS,
    template="compute/servers.html",
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
    placeholder=_("Name, address, id or image"),
    command="server list",
    empty=Empty(
        _("No servers yet"),
        _("A server is a machine of your own, with the processors, memory and networks that you choose for it."),
        Command(
            "server create",
            [("--flavor", "m1.small"), ("--image", "debian-13"), ("--network", "default")],
            ["web-01"],
        ),
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
    draw=draw,
    reads=READS,
    create=buttons.create_server,
    bulks=OF_SERVERS,
    menu=buttons.menu,
)
