"""Servers that need somebody: those in error."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from portal.ui import formats
from portal.ui.status import VOCABULARY
from projects.models import Tenant
from projects.pages.attention import Matter, Source, place_of
from services.compute.models import Server
from services.compute.servers import faults
from services.compute.servers.kind import SERVERS

ERRORS = [state for state, status in VOCABULARY["server"].items() if status.role == "bad"]
# The page names so many of a tenant; the rest is one line with a link.
SHOWN = 5


def errors(tenants: Sequence[Tenant]) -> list[Matter]:
    """Return the servers in error, the latest first (one query)."""
    by_id = {tenant.pk: tenant for tenant in tenants}
    found = Server.objects.filter(tenant__in=by_id, status__in=ERRORS).order_by("-changed_at", "name")
    told: list[Matter] = []
    counts: dict[int, int] = {}
    for server in found:
        tenant = by_id[server.tenant_id]
        counts[tenant.pk] = counts.get(tenant.pk, 0) + 1
        if counts[tenant.pk] > SHOWN:
            continue
        fault = faults.explain(server, tenant.location.name)
        told.append(
            Matter(
                "bad",
                _("%(name)s stopped with an error") % {"name": server},
                fault.plain if fault else "",
                f"{place_of(tenant)} · {formats.short_moment(server.changed_at)}",
                SERVERS.url_of(tenant.handle, server.external_id),
                _("See why"),
            )
        )
    for pk, n in counts.items():
        if n > SHOWN:
            told.append(
                Matter(
                    "bad",
                    _("%(n)s more servers are in error") % {"n": formats.number(n - SHOWN)},
                    "",
                    place_of(by_id[pk]),
                    f"{SERVERS.url(by_id[pk].handle)}?status=ERROR",
                    _("See all"),
                )
            )
    return told


SOURCE = Source("servers", errors)
