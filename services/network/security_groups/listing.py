"""The list of security groups, each with what it lets in."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from portal.ui.commands import Command
from projects.models import Tenant
from projects.pages.listing import Choice, Column, Empty, Facet, Listing
from services.network import figures
from services.network.models import SecurityGroup, SecurityGroupRule
from services.network.security_groups import buttons, rules
from services.network.security_groups.kind import SECURITY_GROUPS
from services.network.security_groups.members import members
from services.network.security_groups.other_ends import other_ends
from services.network.security_groups.stored_rules import rules_of_tenant

# So many phrases of what a group lets in stand in its row; its page has them all.
SHOWN = 3


def with_counts(tenant: Tenant) -> Any:
    """Return the groups with the number of their rules, to show and to sort by."""
    counts = (
        SecurityGroupRule.objects.filter(tenant=tenant, group_id=OuterRef("external_id"))
        .order_by()
        .values("group_id")
        .annotate(n=Count("pk"))
        .values("n")
    )
    return SecurityGroup.objects.filter(tenant=tenant).annotate(rules_count=Coalesce(Subquery(counts), 0))


def open_ids(tenant: Tenant) -> Any:
    """Return the ids of the groups that let anyone in."""
    return SecurityGroupRule.objects.filter(figures.OPEN, tenant=tenant).values("group_id")


def reach_choices(tenant: Tenant) -> list[Choice]:
    """Count how many groups let anyone in, and how many do not."""
    groups = SecurityGroup.objects.filter(tenant=tenant)
    opened = groups.filter(external_id__in=open_ids(tenant)).count()
    found = [
        Choice("anywhere", _("open to anywhere"), opened),
        Choice("closed", _("not open"), groups.count() - opened),
    ]
    return [choice for choice in found if choice.count]


def by_reach(tenant: Tenant, values: Sequence[str]) -> Q:
    """Filter groups that are open to anywhere, or that are not."""
    wanted = Q(pk__in=[])
    if "anywhere" in values:
        wanted |= Q(external_id__in=open_ids(tenant))
    if "closed" in values:
        wanted |= ~Q(external_id__in=open_ids(tenant))
    return wanted


def beside(tenant: Tenant, groups: Sequence[SecurityGroup], _seen: datetime | None) -> dict[str, Any]:
    """Return what each group lets in, whether anyone gets in, and how many servers use it."""
    said = _said(tenant.pk, tenant.version, tenant.refreshed_at, get_language())
    servers = members(tenant)
    rows = []
    for group in groups:
        lets_in, opened, unread = said.get(group.external_id, ((), False, False))
        row = {
            "id": group.external_id,
            "name": str(group),
            "description": group.description,
            "lets_in": lets_in[:SHOWN],
            "more": len(lets_in) - SHOWN,
            "open": opened,
            "unread": unread,
            "owned": group.owned,
            "rules": group.rules_count,  # type: ignore[attr-defined]  # with_counts
            "servers": servers.get(group.external_id, 0),
        }
        rows.append({"group": group, "said": row})
    return {"rows": rows}


# The list is drawn again with every change of anything in the tenant, by everyone who looks at it.
@lru_cache(maxsize=256)
def _said(
    tenant: int, _version: int, _refreshed_at: datetime | None, _language: str | None
) -> Mapping[str, tuple[Sequence[str], bool, bool]]:
    """Return what each group lets in, whether anyone gets in, and whether not all of it is known; kept until the tenant
    is read again.
    """
    names = other_ends(tenant).names
    return {
        group: (
            rules.summary(own, names, own=group),
            any(map(rules.is_open, own)),
            any(rule.unread for rule in own if rule.direction == "ingress"),
        )
        for group, own in rules_of_tenant(tenant).items()
    }


LISTING = Listing(
    kind=SECURITY_GROUPS,
    rows=with_counts,
    template="network/security_groups.html",
    columns=(
        Column("name", _("Name"), sort=("name",)),
        Column("open", _("Reach")),
        Column("lets-in", _("Lets in")),
        Column("rules", _("Rules"), "r lo", sort=("rules_count",)),
        Column("servers", _("Servers"), "r lo"),
    ),
    facets=(Facet("reach", _("Reach"), reach_choices, by_reach),),
    placeholder=_("Name, description or id"),
    command="security group list",
    empty=Empty(
        _("No security groups yet"),
        _("A security group says who may reach a server, and on which ports."),
        Command("security group create", things=["web-public"]),
    ),
    csv={
        "id": lambda group: group.external_id,
        "name": lambda group: group.name,
        "description": lambda group: group.description,
        "owned": lambda group: group.owned,
        "rules": lambda group: group.rules_count,
    },
    beside=beside,
    create=buttons.create_security_group,
    menu=buttons.menu,
)
