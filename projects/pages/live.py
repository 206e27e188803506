"""Pages keep themselves current: they ask with the version they show, and get 204 when it still holds."""

from collections.abc import Iterable
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

from portal.ui import formats
from portal.ui.second_look import Main
from projects.access import Visit
from projects.models import Tenant
from projects.pages.health import Freshness

VERSION = "X-Meshdeck-Version"
AS_OF = "X-Meshdeck-As-Of"
CHANGING = "X-Meshdeck-Changing"


def version_of(tenant: Tenant) -> str:
    """Return the state of all that a tenant's page shows: its data, and how its location answers."""
    location = tenant.location
    # Failures count, so that the page tells of each try of a location that is away.
    return f"{tenant.version}.{location.health}.{location.failures}"


def version_of_all(parts: Iterable[object]) -> str:
    """Return the state of a page that shows many things, short enough for a header."""
    return salted_hmac("projects.pages.live", "|".join(map(str, parts))).hexdigest()[:24]


def unchanged(request: HttpRequest, version: str, as_of: datetime | None, *, busy: bool = False) -> HttpResponse | None:
    """204 with the new time of the data when the asking page still shows `version`, else None."""
    if request.headers.get(VERSION) != version:
        return None
    return stamped(HttpResponse(status=204), version, as_of, busy=busy)


def main_of(request: HttpRequest, visit: Visit, fresh: Freshness, at: datetime | None) -> Main:
    """Return the main part of a tenant's page: as this person saw it last, while what it shows is what it was.

    `at` is the time of the data. Only calm pages are kept: what is under way, and what is old or waits for a place that
    does not answer, moves without a version.
    """
    calm = at is not None and not fresh.old and not visit.busy
    parts = (visit.user.pk, str(visit.role), visit.tenant.pk, version_of(visit.tenant), at, visit.own)
    return Main(request, parts if calm else None)


def stamped(response: HttpResponse, version: str, as_of: datetime | None, *, busy: bool = False) -> HttpResponse:
    """Add the headers that live.js reads."""
    response[VERSION] = version
    if as_of is not None:
        response[AS_OF] = formats.moment(as_of)
    if busy:
        response[CHANGING] = "1"
    # What stands here belongs to one person and one moment.
    response["Cache-Control"] = "private, no-store"
    return response
