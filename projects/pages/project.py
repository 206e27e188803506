"""A project: all its locations side by side, and what they have together."""

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from portal.identity import sessions
from portal.ui.shell import Crumb, NavGroup, NavItem, Shell
from projects import access, freshness, platforms
from projects.models import Limit, Membership, Tenant
from projects.pages import figures, frame, gauges, health, live
from projects.pages.health import Freshness
from projects.pages.welcome import ProjectRow, freshnesses, project_rows, stamp_of


@require_safe
@login_required
def show(request: HttpRequest, slug: str) -> HttpResponse:
    """All locations of a project; 404 for whoever belongs to none of them."""
    user = access.person(request)
    found = list(
        access.memberships(user)
        .filter(tenant__project__slug=slug)
        .select_related("tenant__project", "tenant__location")
    )
    if not found:
        raise Http404
    grant = sessions.grant_of(request)
    tenants = [membership.tenant for membership in found]
    for tenant in tenants:
        freshness.look_at(tenant, grant)
    version = live.version_of_all(f"{m.tenant_id}.{m.role}.{live.version_of(m.tenant)}" for m in found)
    fresh = freshnesses(tenants)
    stamp = stamp_of(list(fresh.values()))
    busy = any(tenant.changing for tenant in tenants)
    if quiet := live.unchanged(request, version, stamp.at, busy=busy):
        return quiet
    shell = shell_of(found, frame.spots_of(user))
    shell.stamp, shell.version, shell.busy = stamp, version, busy
    project = project_rows(found, fresh)[0]
    read = [tenant for tenant in tenants if platforms.has_inventory(tenant.location)]
    context = {
        "shell": shell,
        "project": project,
        "text": about(project),
        "totals": figures.together(read) if read else [],
        "columns": columns(read, fresh),
    }
    return live.stamped(render(request, "projects/project.html", context), version, stamp.at, busy=busy)


def about(project: ProjectRow) -> str:
    """Return the line under the name: "Shop backend. You are member · 2 others use Meshdeck"."""
    me = _("You are %(role)s") % {"role": project.role}
    said = f"{me} · {project.others}" if project.others else me
    return f"{project.description}. {said}" if project.description else said


def shell_of(memberships: Sequence[Membership], spots: Sequence[frame.Spot]) -> Shell:
    """Return the frame: the plate names the project, the menu its locations."""
    project = memberships[0].tenant.project
    items = [
        NavItem(m.tenant.handle, m.tenant.location.name, f"/{m.tenant.handle}/", "map-pin", _first(m.tenant))
        for m in memberships
    ]
    return Shell(
        active="overview",
        project=project.name,
        projects=frame.project_links(spots, project.slug),
        places=frame.places(spots, project.slug),
        groups=[
            NavGroup([NavItem("overview", _("Overview"), f"/projects/{project.slug}/", "layout-dashboard")]),
            NavGroup(items, _("Locations")),
        ],
        crumbs=[Crumb(_("Projects"), "/"), Crumb(project.slug)],
    )


def _first(tenant: Tenant) -> int | None:
    """How many there are of what is told first, such as servers."""
    part = next(iter(figures.HEADLINES), "")
    total: int | None = tenant.figures.get(part, {}).get("total")
    return total


def columns(tenants: Sequence[Tenant], fresh: dict[int, Freshness]) -> list[dict[str, Any]]:
    """Return the locations side by side: used and allowed of each, with its own stamp."""
    limits: dict[int, dict[str, Limit]] = {tenant.pk: {} for tenant in tenants}
    for limit in Limit.objects.filter(tenant__in=limits):
        limits[limit.tenant_id][limit.measure] = limit
    found = []
    for tenant in tenants:
        main = [
            gauges.gauge(limits[tenant.pk][m], tenant.figures) for m in platforms.plotted() if m in limits[tenant.pk]
        ]
        state = fresh[tenant.pk]
        found.append(
            {
                "tenant": tenant,
                "url": f"/{tenant.handle}/",
                "role": health.role_of(tenant.location.health),
                "stamp": state.stamp(),
                "stale": state.down,
                "gauges": main,
                "note": health.note_for(state, []),
            }
        )
    return found
