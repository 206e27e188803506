"""Which servers run in a tenant, by name: for its overview, each a click away from its own page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from django.db.models import Case, F, When
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from portal.ui import formats
from portal.ui.templatetags.meshdeck import badge
from projects.models import Tenant
from projects.pages.health import Freshness
from projects.pages.panels import Panel
from projects.prepared import Prepared
from services.compute.models import Server
from services.compute.servers import faults
from services.compute.servers.headline import FLEET
from services.compute.servers.kind import SERVERS
from services.openstack.words import Service

# So many are named. The list of servers has all of them.
SHOWN = 18


@dataclass(frozen=True, slots=True)
class Running:
    """A server by name, and its state in shape and word."""

    name: str
    url: str
    state: SafeString


_FIELDS = ("external_id", "name", "status", "task_state")
_NEWEST = Prepared(
    lambda tenant: (
        Server.objects.filter(tenant=tenant)
        .order_by(Case(When(status="ERROR", then=0), default=1), F("created_at").desc(nulls_first=True), "name", "pk")
        .values_list(*_FIELDS)[:SHOWN]
    ),
    tenant=-1,
)


def running(tenant: Tenant, seen: datetime | None) -> Sequence[Running]:
    """Return those in error, then what was made last, by name. `seen` is the time of what is known when it is old."""
    shown = [Server(**dict(zip(_FIELDS, row, strict=True))) for row in _NEWEST.rows(tenant=tenant.pk)]
    return [_line(one, tenant, seen) for one in sorted(shown, key=lambda one: (one.status != "ERROR", one.name))]


def said(tenant: Tenant, shown: int) -> str:
    """Say how many of all are named; nothing when all are."""
    total = tenant.figures.get("servers", {}).get("total", shown)
    return _("%(shown)s of %(total)s") % {"shown": shown, "total": formats.number(total)} if total > shown else ""


def _line(server: Server, tenant: Tenant, seen: datetime | None) -> Running:
    return Running(
        name=str(server),
        url=SERVERS.url_of(tenant.handle, server.external_id),
        state=_state(server.status, server.task_state, seen is not None, get_language()),
    )


@lru_cache(maxsize=512)
def _state(status: str, task_state: str, old: bool, _language: str | None) -> SafeString:
    state = faults.state_of(Server(status=status, task_state=task_state))
    # Of what is old the fleet's words, which follow "was": "was in error".
    words = {role: word for _key, role, word in FLEET}
    was = words.get(state.role, words["un"])
    return badge("off", _("was %(state)s") % {"state": was}) if old else badge(state.role, state.word)


def panel(tenant: Tenant, fresh: Freshness) -> dict[str, object] | None:
    """Return what the sheet shows; None where there are no servers."""
    servers = running(tenant, fresh.old_since(Service.COMPUTE))
    return {"servers": servers, "servers_said": said(tenant, len(servers))} if servers else None


PANEL = Panel("servers", 10, "compute/servers_panel.html", panel)
