"""The project's audit log: what somebody asked for, and what Meshdeck did by itself, with filters and exports."""

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.core.paginator import Page, Paginator
from django.db.models import Count, Max, Q, QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from portal.identity import sessions
from portal.ui.listing import Filter, address
from portal.ui.shell import Crumb, Stamp
from projects import access, freshness
from projects.actions import ACTIONS
from projects.converters import Handle
from projects.models import Operation, OperationTarget, Tenant
from projects.models.operation import ITSELF
from projects.pages import frame, health, live, operations_export
from projects.pages import sentences as telling
from projects.pages.listing import PER_PAGE, Choice, Facet, chips, values_facet

# So many things are offered as a filter, those of the newest operations; the page of any thing leads here too.
_THINGS = 30


def actions(tenant: Tenant) -> list[Choice]:
    """Return the actions that were asked for there."""
    counted = Operation.objects.filter(tenant=tenant).order_by("action").values_list("action").annotate(n=Count("pk"))
    return [Choice(name, ACTIONS[name].label if name in ACTIONS else name, n) for name, n in counted]


def people(tenant: Tenant) -> list[Choice]:
    """Who asked for something there; Meshdeck for what it did by itself."""
    rows = Operation.objects.filter(tenant=tenant).order_by("user__username")
    counted = rows.values_list("user__username").annotate(n=Count("pk"))
    return [Choice(name or ITSELF, name or ITSELF, n) for name, n in counted]


def asked_by(names: Sequence[str]) -> Q:
    """Operations that one of these asked for."""
    found = Q(user__username__in=names)
    return found | Q(user=None) if ITSELF in names else found


def things(tenant: Tenant) -> list[Choice]:
    """Return the things that the newest operations were about."""
    targets = OperationTarget.objects.filter(operation__tenant=tenant).order_by().values_list("kind", "external_id")
    found = list(targets.annotate(n=Count("pk"), newest=Max("operation_id")).order_by("-newest")[:_THINGS])
    names = Operation.objects.in_bulk([newest for *_thing, newest in found])
    return [Choice(f"{kind}:{id_}", names[newest].name_of(id_), n) for kind, id_, n, newest in found]


def about(_tenant: Tenant, values: Sequence[str]) -> Q:
    """Operations about one of these things, each as kind:id. A value that is none leaves nothing."""
    wanted = Q(pk__in=[])
    for value in values:
        kind, _colon, external_id = value.partition(":")
        wanted |= Q(kind=kind, external_id=external_id)
    return Q(pk__in=OperationTarget.objects.filter(wanted).values("operation"))


FACETS: Sequence[Facet] = (
    values_facet(Operation, "state", gettext_lazy("Status"), kind="operation"),
    Facet("action", gettext_lazy("Action"), actions, lambda _tenant, values: Q(action__in=values)),
    Facet("by", gettext_lazy("Person"), people, lambda _tenant, values: asked_by(values)),
    Facet("thing", gettext_lazy("Thing"), things, about),
)


def search(q: str) -> Q:
    """Operations whose id, names, person or reason has the word, or that are of an action with it in its label."""
    labels = [name for name, action in ACTIONS.items() if q.casefold() in str(action.label).casefold()]
    found = Q(action__in=labels) | Q(pk__istartswith=q) | Q(request_id__istartswith=q) | Q(params__name__icontains=q)
    found |= Q(user__username__icontains=q) | Q(reason__icontains=q)
    if q.casefold() in ITSELF.casefold():
        found |= Q(user=None)
    # How the names are kept as text is the database's: as they are, or with letters beyond ASCII escaped.
    return found | Q(names__icontains=q) | Q(names__icontains=json.dumps(q)[1:-1])


@require_safe
@login_required
def index(request: HttpRequest, handle: Handle) -> HttpResponseBase:
    """Return the operations of a tenant, newest first; with `?format=csv` or `json` all that the filter lets
    through.
    """
    visit = access.enter(request, handle)
    tenant = visit.tenant
    freshness.look_at(tenant, sessions.grant_of(request))
    fresh = health.freshness_of(tenant)
    version = live.version_of(tenant)
    now = timezone.now()  # what stands here is true whether or not the location answers
    if quiet := live.unchanged(request, version, now, busy=visit.busy):
        return quiet
    q = request.GET.get("q", "").strip()[:200]
    chosen = {facet.key: request.GET.getlist(facet.key) for facet in FACETS if facet.key in request.GET}
    rows = select(tenant, q, chosen)
    if export := operations_export.FORMATS.get(request.GET.get("format", "")):
        return export(tenant, rows)
    page: Page[Operation] = Paginator(telling.told(rows), PER_PAGE).get_page(request.GET.get("page"))
    page.object_list = list(page.object_list)
    shown = page.paginator.count
    spots = frame.spots_of(visit.user)
    title = _("Operations")
    context = {
        "shell": frame.tenant_shell(visit, spots, active="operations", crumbs=[Crumb(title)], stamp=Stamp(now)),
        "tenant": tenant,
        "note": health.note_for(fresh, frame.others_that_answer(tenant, spots)),
        "q": q,
        "filters": named(chips(FACETS, tenant, request, chosen), tenant, chosen.get("thing", [])),
        "page": page,
        "rows": [row_of(operation) for operation in page.object_list],
        "shown": shown,
        "total": Operation.objects.filter(tenant=tenant).count() if q or chosen else shown,
        "csv_url": address(request, format="csv"),
        "json_url": address(request, format="json"),
    }
    return live.stamped(render(request, "projects/operations.html", context), version, now, busy=visit.busy)


def select(tenant: Tenant, q: str, chosen: dict[str, list[str]]) -> QuerySet[Operation]:
    """Return the operations that are asked for, newest first."""
    rows = Operation.objects.filter(tenant=tenant)
    for facet in FACETS:
        if facet.key in chosen:
            rows = rows.filter(facet.narrow(tenant, chosen[facet.key]))
    return rows.filter(search(q)) if q else rows


def row_of(operation: Operation) -> dict[str, Any]:
    """Return a line of the list, as plain values: it is drawn again only where one of them changes."""
    role, word = telling.state_of(operation)
    action = ACTIONS.get(operation.action)
    return {
        "id": operation.pk,
        "reason": operation.reason,
        "asked_by": str(operation.asked_by),
        "asked_at": operation.asked_at,
        "icon": action.icon if action else "activity",
        "parts": telling.parts_of(operation),
        "role": role,
        "word": word,
        "took": telling.took(operation),
    }


def named(filters: list[Filter], tenant: Tenant, chosen: Sequence[str]) -> list[Filter]:
    """Have the chip of a thing that is too old to be offered say its name, and not its id."""
    chips_ = []
    for chip in filters:
        if chip.key == "thing" and chip.chosen and any(value in str(chip.chosen) for value in chosen):
            said = ", ".join(_name_of(tenant, value) for value in chosen)
            chip = Filter(chip.key, chip.label, chosen=said, clear_url=chip.clear_url)
        chips_.append(chip)
    return chips_


def _name_of(tenant: Tenant, value: str) -> str:
    newest = Operation.objects.filter(about(tenant, [value]), tenant=tenant).first()
    return newest.name_of(value.partition(":")[2]) if newest else value


def address_of(handle: str, kind: str, external_id: str) -> str:
    """Where the operations about one thing are listed."""
    return f"/{handle}/operations/?{urlencode({'thing': f'{kind}:{external_id}'})}"
