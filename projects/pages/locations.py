"""The locations: where they are, how they answer."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from portal.ui.shell import Crumb, Stamp
from projects import access
from projects.models import Location, Tenant
from projects.pages import frame, health, live


@require_safe
@login_required
def index(request: HttpRequest) -> HttpResponse:
    """All locations with their health. Everyone who is logged in may know of them; what they are is for members."""
    user = access.person(request)
    locations = list(Location.objects.filter(enabled=True).prefetch_related("services"))
    version = live.version_of_all(f"{one.pk}.{one.health}.{one.failures}.{one.reason}" for one in locations)
    checked = min((one.checked_at for one in locations if one.checked_at), default=None)
    if quiet := live.unchanged(request, version, checked):
        return quiet
    tenants: dict[int, list[Tenant]] = {}
    for membership in access.memberships(user).select_related("tenant__project", "tenant__location"):
        tenants.setdefault(membership.tenant.location_id, []).append(membership.tenant)
    shell = frame.site_shell(
        user,
        frame.spots_of(user),
        active="locations",
        crumbs=[Crumb(_("All projects"), "/"), Crumb(_("Locations"))],
        stamp=Stamp(checked),
    )
    shell.version = version
    context = {
        "shell": shell,
        "locations": [
            {
                "location": one,
                "role": health.role_of(one.health),
                "word": health.word_of(one.health),
                "services": list(one.services.all()),
                "tenants": tenants.get(one.pk, []),
                "open": bool(tenants.get(one.pk)) or user.is_staff,
            }
            for one in locations
        ],
    }
    return live.stamped(render(request, "projects/locations.html", context), version, checked)
