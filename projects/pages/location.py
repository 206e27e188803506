"""One location: which of its services answer, their versions, and what I have there."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from portal.ui import formats
from portal.ui.shell import Crumb, Stamp
from projects import access
from projects.models import Location
from projects.pages import frame, health, live
from projects.pages.health import Wire


@require_safe
@login_required
def show(request: HttpRequest, name: str) -> HttpResponse:
    """Return a location, for who has a tenant there and for operators; 404 for everyone else."""
    user = access.person(request)
    location = Location.objects.filter(enabled=True, name=name).prefetch_related("services").first()
    tenants = [
        membership.tenant
        for membership in access.memberships(user)
        .filter(tenant__location__name=name)
        .select_related("tenant__project", "tenant__location")
    ]
    if location is None or not (tenants or user.is_staff):
        raise Http404
    services = list(location.services.all())
    version = live.version_of_all(
        [
            f"{location.health}.{location.failures}.{location.reason}",
            *(f"{one.service}.{one.answers}.{one.reason}" for one in services),
        ]
    )
    if quiet := live.unchanged(request, version, location.checked_at):
        return quiet
    spots = frame.spots_of(user)
    down = location.health == Location.Health.DOWN
    shell = frame.site_shell(
        user,
        spots,
        active="locations",
        crumbs=[Crumb(_("Locations"), "/locations/"), Crumb(location.name)],
        stamp=Stamp(location.checked_at),
    )
    shell.version = version
    others = Location.objects.filter(enabled=True, health=Location.Health.ANSWERS).exclude(pk=location.pk)
    context = {
        "shell": shell,
        "location": location,
        "name": capfirst(location.name),
        "role": health.role_of(location.health),
        "word": health.word_of(location.health),
        "down": down,
        "tries": tries(location),
        "tenants": tenants,
        "wires": [first_wire(), *(health.wire_of(one) for one in services)],
        "services": services,
        "works": [one.name for one in others] if down else [],
    }
    return live.stamped(render(request, "projects/location.html", context), version, location.checked_at)


def first_wire() -> Wire:
    """Return the first link, to the reader: this much works, or there would be no page."""
    return Wire("ok", _("Your browser"), _("this page"), "Meshdeck", _("answers"))


def tries(location: Location) -> str:
    """Say "Tried 4 times since 14:09:41, next at 14:32:49." """
    if not location.failures or not location.failing_since:
        return ""
    said = _("Tried %(n)s times since %(time)s") if location.failures > 1 else _("Tried once, at %(time)s")
    said = said % {"n": formats.number(location.failures), "time": formats.moment(location.failing_since)}
    if location.next_try_at:
        said += _(", next at %(time)s") % {"time": formats.moment(location.next_try_at)}
    return f"{said}."
