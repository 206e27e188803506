"""The page of one resource: what all such pages share, and what is said when the resource is gone."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django_stubs_ext import StrOrPromise

from portal.identity import sessions
from portal.ui import formats
from portal.ui.changing import Action
from portal.ui.commands import Command
from portal.ui.second_look import Main
from portal.ui.shell import Crumb
from projects import access
from projects.access import Visit
from projects.converters import Handle
from projects.kinds import Kind
from projects.models import Tenant
from projects.operations import asking
from projects.pages import frame, health, live, operations, timeline
from projects.pages.command import command_line
from projects.pages.listing import LISTINGS, Listing, look, rows_of
from projects.registry import Registry

EVENTS = 8


@dataclass(frozen=True, slots=True)
class Detail:
    """A page about one thing of a kind, or with a `page` one of its further pages.

    `context` gives what the template needs besides the row.

    `command` is followed by the resource's id. `title` is the heading, where the name is not what people call it.
    """

    kind: Kind
    template: str
    command: str
    context: Callable[[HttpRequest, Tenant, Any], dict[str, Any]]
    title: Callable[[Any], str] = str
    # What a member can do with it: the buttons of the head, and the "…" menu beside them.
    buttons: Callable[[Tenant, Any], Sequence[Action]] = lambda _tenant, _row: ()
    more: Callable[[Tenant, Any], Sequence[Action]] = lambda _tenant, _row: ()

    page: str = ""

    @property
    def listing(self) -> Listing:
        """The list that it is in."""
        return LISTINGS[self.kind.key]


DETAILS: Registry[Detail] = Registry(Detail, lambda detail: f"{detail.kind.key} {detail.page}")


def show(request: HttpRequest, handle: Handle, external_id: str, page: Detail) -> HttpResponse:
    """Return the page of one resource of a tenant; 404 for what is not there, with what is known about its end."""
    visit = access.enter(request, handle)
    tenant = visit.tenant
    fresh = look(page.listing, visit, sessions.grant_of(request))
    version = live.version_of(tenant)
    stamp = fresh.stamp_of(page.listing.service)
    if quiet := live.unchanged(request, version, stamp.at, busy=visit.busy):
        return quiet
    # Further pages may show what was just fetched for this person: a log, a way to the console.
    main = Main(request, None) if page.page else live.main_of(request, visit, fresh, stamp.at)
    row = None if main.known else rows_of(page.listing, visit).filter(external_id=external_id).first()
    if row is None and not main.known:
        return gone(request, visit, page, external_id)
    title = main.title or page.title(row)
    crumbs = [Crumb(page.listing.title, page.kind.url(tenant.handle)), Crumb(title)]
    spots = frame.spots_of(visit.user)
    context = {
        "shell": frame.tenant_shell(visit, spots, active=page.listing.key, crumbs=crumbs, stamp=stamp),
        "tenant": tenant,
        "title": title,
        "main": main,
    }
    if not main.known:
        others = frame.others_that_answer(tenant, spots)
        context |= _about(request, visit, page, row, health.note_for(fresh, others, page.listing.service))
        context["seen"] = fresh.old_since(page.listing.service)
    return live.stamped(render(request, page.template, context), version, stamp.at, busy=visit.busy)


def _about(request: HttpRequest, visit: Visit, page: Detail, row: Any, note: health.Note | None) -> dict[str, Any]:
    """Return what stands on the page of a resource."""
    tenant, external_id = visit.tenant, row.external_id
    context = {
        "here": reverse("tenant", kwargs={"handle": tenant.handle}),
        "row": row,
        "note": note,
        "show_command": command_line(tenant, Command(page.command, things=[external_id])),
        **happened(request, visit, page, external_id),
        "may_change": asking.may_change(visit.role),
        "buttons": page.buttons(tenant, row) if asking.may_change(visit.role) else (),
        "more": page.more(tenant, row) if asking.may_change(visit.role) else (),
        **page.context(request, tenant, row),
    }
    if not context["may_change"]:
        facts = context.get("facts", ())
        context["facts"] = [replace(one, value="", url="") if one.offers else one for one in facts]
    return context


def happened(request: HttpRequest, visit: Visit, page: Detail, external_id: str) -> dict[str, Any]:
    """Return what happened with a thing, and where all operations about it are listed."""
    thing = {"kind": page.kind.model_name, "external_id": external_id}
    own = page.listing.personal
    back = request.get_full_path()
    return {
        "events": timeline.timeline(visit, limit=EVENTS, back=back, own=own, **thing),
        "operations_count": timeline.count_of_thing(visit, own=own, **thing),
        "operations_url": operations.address_of(visit.tenant.handle, **thing),
    }


def gone(request: HttpRequest, visit: Visit, page: Detail, external_id: str) -> HttpResponse:
    """404 for a member of the tenant, who may know what the changes say about it. Strangers never come here."""
    tenant = visit.tenant
    crumbs = [Crumb(page.listing.title, page.kind.url(tenant.handle)), Crumb(_("Nothing here"))]
    shell = frame.tenant_shell(visit, frame.spots_of(visit.user), active=page.listing.key, crumbs=crumbs, stamp=None)
    # The page keeps asking: what was just made may not have been read yet.
    context = {
        "shell": shell,
        "tenant": tenant,
        "listing": page.listing,
        **happened(request, visit, page, external_id),
    }
    response = render(request, "projects/gone.html", context, status=404)
    return live.stamped(response, shell.version, None)


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact of a thing (components/facts.html): a value, a link, or something to copy."""

    label: StrOrPromise
    value: StrOrPromise = ""
    soft: StrOrPromise = ""
    url: str = ""
    chip: str = ""
    chips: tuple[str, ...] = ()
    missing: StrOrPromise = ""
    # The link leads to a page that changes something: a reader sees `missing` instead.
    offers: bool = False


def when(label: StrOrPromise, at: datetime | None) -> Fact:
    """Return a moment as a fact, with the age behind it."""
    if at is None:
        return Fact(label, missing=_("not stated"))
    return Fact(label, formats.moment(at), soft=formats.age(at))


def yes_no(label: StrOrPromise, value: bool) -> Fact:
    """Return a fact that holds or not."""
    return Fact(label, _("yes") if value else _("no"))
