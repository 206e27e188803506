"""The page with all that happened: operations, and what was seen to change."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from portal.identity import sessions
from portal.ui.shell import Crumb
from projects import access, freshness
from projects.converters import Handle
from projects.pages import frame, health, live, timeline
from projects.pages.listing import PER_PAGE


@require_safe
@login_required
def index(request: HttpRequest, handle: Handle) -> HttpResponse:
    """Everything that changed in a tenant, whoever did it, newest first."""
    visit = access.enter(request, handle)
    tenant = visit.tenant
    freshness.look_at(tenant, sessions.grant_of(request))
    version = live.version_of(tenant)
    fresh = health.freshness_of(tenant)
    if quiet := live.unchanged(request, version, fresh.as_of, busy=visit.busy):
        return quiet
    page: Page[Any] = Paginator(timeline.both(visit), PER_PAGE).get_page(request.GET.get("page"))
    shell = frame.tenant_shell(
        visit,
        frame.spots_of(visit.user),
        active="overview",
        crumbs=[Crumb(_("Changes"))],
        stamp=fresh.stamp(),
    )
    context = {
        "shell": shell,
        "tenant": tenant,
        "page": page,
        "total": page.paginator.count,
        "events": timeline.events_of(visit, page.object_list, request.get_full_path()),
    }
    return live.stamped(render(request, "projects/changes.html", context), version, fresh.as_of, busy=visit.busy)
