"""A tenant at first glance: what runs, used and allowed, usage over time, what changed."""

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from portal.identity import sessions
from portal.ui.shell import Stamp
from projects import access, freshness, platforms
from projects.access import Visit
from projects.converters import Handle
from projects.pages import figures, frame, gauges, health, live, palette, timeline
from projects.pages.frame import Spot
from projects.pages.health import Freshness
from projects.pages.panels import panels
from projects.pages.usage import usage

CHANGES = 8


@require_safe
@login_required
def show(request: HttpRequest, handle: Handle) -> HttpResponse:
    """Return the overview of a tenant. Where there is no inventory, the first page of the menu."""
    visit = access.enter_any(request, handle)
    tenant = visit.tenant
    if not platforms.has_inventory(tenant.location):
        return redirect(frame.pages_of(tenant)[0].url)
    freshness.look_at(tenant, sessions.grant_of(request))
    version = live.version_of(tenant)
    fresh = health.freshness_of(tenant)
    if quiet := live.unchanged(request, version, fresh.as_of, busy=visit.busy):
        return quiet
    spots = frame.spots_of(visit.user)
    main = live.main_of(request, visit, fresh, fresh.as_of)
    context = {
        "shell": frame.tenant_shell(visit, spots, active="overview", crumbs=[], stamp=fresh.stamp()),
        "tenant": tenant,
        "main": main,
    }
    if not main.known:
        context |= _overview(request, visit, fresh, spots)
    return live.stamped(render(request, "projects/tenant.html", context), version, fresh.as_of, busy=visit.busy)


def _overview(request: HttpRequest, visit: Visit, fresh: Freshness, spots: Sequence[Spot]) -> dict[str, Any]:
    tenant = visit.tenant
    limits = gauges.limits_of(tenant)
    main, more = gauges.gauges(tenant, limits)
    services = list(tenant.location.services.all()) if fresh.down or not tenant.figures else []
    return {
        "fresh": fresh,
        "creates": palette.creates(tenant, visit.role),
        "note": health.note_for(fresh, frame.others_that_answer(tenant, spots)),
        "hero": figures.hero(tenant, limits, fresh) if tenant.figures else [],
        "panels": panels(tenant, fresh) if tenant.figures else [],
        "gauges": main,
        "more_gauges": more,
        "old_stamp": fresh.stamp() if fresh.old else None,
        "usage": usage(request, tenant, limits, current=not fresh.old),
        "events": timeline.timeline(visit, limit=CHANGES, back=request.get_full_path()),
        "wires": [health.wire_of(service) for service in services],
        "checked": Stamp(tenant.location.checked_at),
    }


@require_POST
@login_required
def try_now(request: HttpRequest, handle: Handle) -> HttpResponse:
    """ "Try now" beside a location that is away: the next try is made at once, the page shows how it went."""
    tenant = access.enter_any(request, handle).tenant
    freshness.try_now(tenant, sessions.grant_of(request))
    return redirect("tenant", handle=tenant.handle)
