"""Doing one thing with several rows of a list: one page says what happens to each, and which can't and why; then one
operation is asked for per thing.

A bulk action (pages/bulk.py) has an address below its list: `/<handle>/volumes/bulk/<key>/`. The list's bar posts
the picked ids there; the page keeps them in its address.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _

from portal.identity import sessions
from portal.ui.changing import CommandText
from portal.ui.forms import NameAgain, Told
from portal.ui.shell import Crumb
from projects import access
from projects.access import Visit
from projects.actions.base import Action, Params
from projects.converters import Handle
from projects.models import Operation
from projects.operations import asking
from projects.operations.asking import RefusedError
from projects.outcomes import Refusal
from projects.pages import acting, frame
from projects.pages.bulk import Bulk
from projects.pages.command import client, commands_of, shell_lines
from projects.pages.listing import Listing, rows_of


@dataclass(frozen=True, slots=True)
class Row:
    """One of the picked: what is asked for it, or why it can't be."""

    thing: Any
    small: str
    asks: Sequence[Params] = ()
    against: Sequence[Told] = ()


@dataclass(slots=True)
class Plan:
    """What a bulk action would do now."""

    will: list[Row] = field(default_factory=list)
    wont: list[Row] = field(default_factory=list)
    gone: int = 0

    @property
    def ids(self) -> list[str]:
        """Those that it happens to."""
        return sorted(row.thing.external_id for row in self.will)


def plan_of(visit: Visit, listing: Listing, bulk: Bulk, ids: Sequence[str]) -> Plan:
    """Look at each of the picked things in the inventory."""
    tenant, action = visit.tenant, bulk.of
    things = list(rows_of(listing, visit).filter(external_id__in=ids).order_by("name", "external_id"))
    small = bulk.tells(tenant, things)
    plan = Plan(gone=len(set(ids)) - len(things))
    for thing in things:
        asks = [action.params.model_validate(one) for one in bulk.params(thing)]
        against = [refusal for one in asks for refusal in asking.refusals_of(tenant, action, one)]
        if not asks:
            against = [Refusal("", bulk.nothing)]
        said = [Told(str(one.reason), [way for way in one.ways if way.url]) for one in against]
        row = Row(thing, small.get(thing.external_id, ""), asks, said)
        (plan.wont if said else plan.will).append(row)
    return plan


def show(request: HttpRequest, handle: Handle, listing: Listing, key: str) -> HttpResponse:
    """Confirm one of a list's bulk actions and begins it. 403 for readers, 404 for strangers and what there is not."""
    visit = access.enter(request, handle)
    bulk = next((one for one in listing.bulks if one.key == key), None)
    if bulk is None:
        raise Http404
    acting.demand(visit, bulk.of)
    back = f"/{visit.tenant.handle}/{listing.key}/"
    if request.method == "POST" and "shown" not in request.POST:
        ids = request.POST.getlist("ids")
        return HttpResponseRedirect(f"?{urlencode([('ids', one) for one in ids])}" if ids else back)
    ids = request.GET.getlist("ids")
    plan = plan_of(visit, listing, bulk, ids)
    changed, failed = False, list[Row]()
    form = _again(listing, bulk, plan, request)
    if request.method == "POST":
        changed = request.POST["shown"].split() != plan.ids
        if not changed and plan.will and (form is None or form.is_valid()):
            failed = _begin(request, visit, bulk, plan)
            if not failed:
                return HttpResponseRedirect(back)
    more = {"form": form, "changed": changed, "failed": failed, "back": back}
    return _page(request, visit, listing, bulk, plan, more)


def _again(listing: Listing, bulk: Bulk, plan: Plan, request: HttpRequest) -> NameAgain | None:
    """Return what has to be typed where there is no way back."""
    if not bulk.final or not plan.will:
        return None
    expected = _("%(n)d %(noun)s") % {"n": len(plan.will), "noun": listing.noun}
    if len(plan.will) == 1:
        expected = str(plan.will[0].thing)
    data = request.POST if request.method == "POST" else None
    return NameAgain(data, expected=expected)


def _begin(request: HttpRequest, visit: Visit, bulk: Bulk, plan: Plan) -> list[Row]:
    """Asks for an operation for each; gives those that could not be asked for after all."""
    grant, key = sessions.grant_of(request), request.POST.get("key", "")[:60]
    failed = []
    for row in plan.will:
        for number, params in enumerate(row.asks):
            try:
                # A double click finds the operations of the first one.
                again = f"{key}/{row.thing.external_id[:36]}/{number}" if key else ""
                asking.ask(visit, grant, bulk.of, params, via=Operation.Via.PAGE, key=again)
            except RefusedError as refused:
                said = [Told(str(one.reason), ()) for one in refused.refusals]
                failed.append(Row(row.thing, row.small, (), said))
    return failed


def _page(
    request: HttpRequest, visit: Visit, listing: Listing, bulk: Bulk, plan: Plan, more: Mapping[str, Any]
) -> HttpResponse:
    tenant = visit.tenant
    crumbs = [Crumb(listing.title, str(more["back"])), Crumb(bulk.label)]
    shell = frame.tenant_shell(visit, frame.spots_of(visit.user), active=listing.key, crumbs=crumbs, stamp=None)
    shell.version = ""  # what was confirmed is what was read
    context = {
        "shell": shell,
        "tenant": tenant,
        "listing": listing,
        "bulk": bulk,
        "title": bulk.title(len(plan.will)) if plan.will else bulk.label,
        "plan": plan,
        "shown": " ".join(plan.ids),
        "key": request.POST.get("key") or str(uuid4()),
        "formats": _commands(visit, bulk.of, [one for row in plan.will for one in row.asks]),
        **more,
    }
    refused = request.method == "POST"
    response = render(request, "projects/bulk.html", context, status=422 if refused else 200)
    response["Cache-Control"] = "private, no-store"
    return response


def _commands(visit: Visit, action: Action[Any], asks: Sequence[Params]) -> list[CommandText]:
    """All of it as commands, one after the other."""
    lines = shell_lines(visit.tenant, commands_of(visit.tenant, action, *asks))
    return [CommandText(client(visit.tenant), client(visit.tenant), lines)] if lines else []
