"""The way to a server's console: a worker asks the cloud for its address, which this person opens once."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from portal.identity import sessions
from projects import access
from projects.access import Visit
from projects.converters import Handle
from projects.fetching import asking
from projects.fetching.asking import Wanted
from projects.models import Tenant
from projects.operations.asking import may_change, not_allowed
from projects.pages import detail, live
from projects.pages.detail import Detail
from services.compute.models import Server
from services.compute.servers import buttons
from services.compute.servers.kind import SERVERS
from services.compute.servers.tabs import around


class HttpResponseAway(HttpResponseRedirect):
    """To a page of the cloud's own."""

    allowed_schemes = ["http", "https"]


def wanted_of(request: HttpRequest, tenant: Tenant, external_id: str) -> Wanted:
    """Return the address of this server's console, for this login."""
    return Wanted(tenant.pk, sessions.grant_of(request), "console", external_id)


def context(request: HttpRequest, tenant: Tenant, server: Server) -> dict[str, Any]:
    """Whether the console is ready, on its way, or why there is none. Asked for when the page is opened."""
    wanted = wanted_of(request, tenant, server.external_id)
    note = asking.look(wanted)
    opened = live.VERSION not in request.headers
    told = note is not None or not opened or asking.ask(wanted)
    return {
        **around(tenant, server, "console"),
        "console": note,
        "told": told,
        "waiting": note is None and asking.under_way(wanted),
        "runs": server.status in buttons.CONSOLE_STATES,
    }


CONSOLE = Detail(
    kind=SERVERS,
    page="console",
    template="compute/server_console.html",
    command="console url show",
    context=context,
    buttons=buttons.head,
    more=buttons.more,
)


@require_safe
@login_required
def show(request: HttpRequest, handle: Handle, external_id: str) -> HttpResponse:
    """Show the way to a server's console. 403 for readers: whoever has a console changes the server."""
    visit = _member(request, handle)
    seen = request.headers.get(live.VERSION)
    wanted = wanted_of(request, visit.tenant, external_id)
    if seen and asking.under_way(wanted):
        return live.stamped(HttpResponse(status=204), seen, None, busy=True)
    return detail.show(request, handle, external_id, CONSOLE)


@require_safe
@login_required
def open_(request: HttpRequest, handle: Handle, external_id: str) -> HttpResponse:
    """Leads to the console, once; who comes too late goes back and gets another."""
    visit = _member(request, handle)
    note = asking.take(wanted_of(request, visit.tenant, external_id))
    if note is None or not note.text:
        where = {"handle": visit.tenant.handle, "external_id": external_id}
        return HttpResponseRedirect(reverse("server-console", kwargs=where))
    response = HttpResponseAway(note.text)
    response["Cache-Control"] = "private, no-store"
    response["Referrer-Policy"] = "no-referrer"
    return response


def _member(request: HttpRequest, handle: Handle) -> Visit:
    visit = access.enter(request, handle)
    if not may_change(visit.role):
        raise PermissionDenied(not_allowed(visit))
    return visit
