"""The tabs of a server's page beside the overview: its log, the images made of it, its metadata."""

import re
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from portal.identity import sessions
from portal.ui import formats
from projects import access
from projects.converters import Handle
from projects.fetching import asking
from projects.fetching.asking import Wanted
from projects.models import OperationTarget, Tenant
from projects.pages import detail, live
from projects.pages.detail import Detail
from projects.prepared import PreparedCount
from services.compute.models import Server
from services.compute.servers import buttons, faults
from services.compute.servers.kind import SERVERS
from services.images.models import Image

# How many lines of the log can be asked for; the first is what the tab shows.
LINES = (200, 2000, 20000)
# Colours and movements of a terminal, and what else is no text.
_TERMINAL = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[@-Z\\-_]|[\x00-\x08\x0b-\x1f\x7f]")


def around(tenant: Tenant, server: Server, tab: str) -> dict[str, Any]:
    """Return what all tabs show around themselves: the state, what is wrong, what waits for a decision."""
    page = SERVERS.url_of(tenant.handle, server.external_id)
    return {
        "state": faults.state_of(server),
        "fault": faults.explain(server, tenant.location.name),
        "tab": tab,
        "page_url": page,
        "images_count": _IMAGES_COUNT.of(tenant=tenant.pk, server=server.external_id),
        "deciding": buttons.deciding(tenant, server, page),
        "remedies": buttons.remedies(tenant, server),
    }


def images_of(tenant: Tenant, server: Server) -> QuerySet[Image]:
    """Find the images made of a server: those that say so, and ours; of one on a volume nova lets none say so."""
    return _images(tenant.pk, server.external_id)


def _images(tenant: int, server: str) -> QuerySet[Image]:
    ours = OperationTarget.objects.filter(
        kind="image",
        operation__tenant=tenant,
        operation__action="create-image",
        operation__targets__kind="server",
        operation__targets__external_id=server,
    )
    made = Q(server_id=server) | Q(external_id__in=ours.values("external_id"))
    return Image.objects.filter(made, tenant=tenant)


_IMAGES_COUNT = PreparedCount(_images, tenant=-1, server="a server")


def log_of(request: HttpRequest, tenant: Tenant, external_id: str) -> Wanted:
    """Return the log that the address asks for."""
    asked = request.GET.get("lines", "")
    lines = int(asked) if asked.isdecimal() and int(asked) in LINES else LINES[0]
    return Wanted(tenant.pk, sessions.grant_of(request), "console-log", external_id, lines)


def log_context(request: HttpRequest, tenant: Tenant, server: Server) -> dict[str, Any]:
    """Return the log as it was last fetched; a worker fetches it when there is none."""
    wanted = log_of(request, tenant, server.external_id)
    note = asking.look(wanted)
    return {
        **around(tenant, server, "log"),
        "log": note,
        "text": _TERMINAL.sub("", note.text.replace("\r\n", "\n")).rstrip() if note else "",
        "told": note is not None or asking.ask(wanted),
        "lengths": [
            {"label": _("%(n)s lines") % {"n": formats.number(n)}, "url": f"?lines={n}", "on": n == wanted.lines}
            for n in LINES
        ],
    }


def images_context(_request: HttpRequest, tenant: Tenant, server: Server) -> dict[str, Any]:
    """Return the images made of it, the newest first."""
    found = images_of(tenant, server).order_by("-created_at", "name", "external_id")
    return {**around(tenant, server, "snapshots"), "images": list(found)}


def metadata_context(_request: HttpRequest, tenant: Tenant, server: Server) -> dict[str, Any]:
    """Return what people and tools have written at it."""
    return {**around(tenant, server, "metadata"), "metadata": sorted(server.metadata.items())}


def _tab(page: str, context: Any) -> Detail:
    return Detail(
        kind=SERVERS,
        page=page,
        template=f"compute/server_{page}.html",
        command="server show",
        context=context,
        buttons=buttons.head,
        more=buttons.more,
    )


LOG = _tab("log", log_context)
SNAPSHOTS = _tab("snapshots", images_context)
METADATA = _tab("metadata", metadata_context)


@require_safe
@login_required
def log(request: HttpRequest, handle: Handle, external_id: str) -> HttpResponse:
    """Show the end of a server's console log. A page that has one keeps it until a worker has brought the next."""
    seen = request.headers.get(live.VERSION)
    if seen:
        wanted = log_of(request, access.tenant_for(request, handle), external_id)
        if asking.look(wanted) is None and asking.ask(wanted):
            return live.stamped(HttpResponse(status=204), seen, None, busy=True)
    return detail.show(request, handle, external_id, LOG)


@require_safe
@login_required
def snapshots(request: HttpRequest, handle: Handle, external_id: str) -> HttpResponse:
    """Show the images made of a server."""
    return detail.show(request, handle, external_id, SNAPSHOTS)


@require_safe
@login_required
def metadata(request: HttpRequest, handle: Handle, external_id: str) -> HttpResponse:
    """Show a server's metadata."""
    return detail.show(request, handle, external_id, METADATA)
