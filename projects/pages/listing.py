"""Lists: what a list is (columns, filters, search, CSV), and the one view that shows any of them.

A list is declared once per kind (servers.py, volumes.py …); its rows are drawn by a template of its own, so that a
row stays plain markup. Sort, filter, search and page are kept in the address and checked against the declaration.
"""

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Count, Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django_stubs_ext import StrOrPromise

from portal.identity import sessions
from portal.ui.changing import Action
from portal.ui.commands import Command
from portal.ui.listing import Filter, Option, address
from portal.ui.shell import Crumb
from portal.ui.status import status_of
from projects import access, freshness
from projects.access import Visit
from projects.converters import Handle
from projects.kinds import Kind
from projects.models import Tenant
from projects.operations import asking
from projects.pages import frame, health, live
from projects.pages.bulk import Bulk
from projects.pages.command import command_line
from projects.pages.health import Freshness
from projects.registry import Registry

PER_PAGE = 50
# Spreadsheets take a cell that begins so for a formula, and names in a cloud are written by anyone.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Column:
    """A column's head. `sort` names the model fields it sorts by; without them it does not sort."""

    key: str
    label: StrOrPromise
    css: str = ""
    sort: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a filter, in words, and how many rows have it."""

    value: str
    label: StrOrPromise
    count: int


@dataclass(frozen=True, slots=True)
class Facet:
    """A filter over a list: what can be chosen in a tenant, what a choice leaves, its option on the command line."""

    key: str
    label: StrOrPromise
    choices: Callable[[Tenant], Sequence[Choice]]
    narrow: Callable[[Tenant, Sequence[str]], Q]
    option: str = ""


def values_facet(
    model: type[Model], column: str, label: StrOrPromise, *, kind: str = "", option: str = "", key: str = ""
) -> Facet:
    """Return a filter over the values of one column. `kind` takes the words from the status vocabulary."""

    def choices(tenant: Tenant) -> list[Choice]:
        counted = (
            model._default_manager.filter(tenant=tenant).order_by(column).values_list(column).annotate(rows=Count("pk"))
        )
        return [Choice(value, status_of(kind, value).word if kind else value, n) for value, n in counted if value]

    return Facet(key or column, label, choices, lambda _tenant, values: Q((f"{column}__in", values)), option)


def flags_facet(
    model: type[Model], key: str, label: StrOrPromise, flags: Mapping[str, tuple[StrOrPromise, Q]]
) -> Facet:
    """Return a filter over conditions with a name each: {"open": (_("Open to anywhere"), Q(…))}."""

    def choices(tenant: Tenant) -> list[Choice]:
        rows = model._default_manager.filter(tenant=tenant)
        counts = rows.aggregate(**{name: Count("pk", filter=q, distinct=True) for name, (_label, q) in flags.items()})
        return [Choice(name, said, counts[name]) for name, (said, _q) in flags.items() if counts[name]]

    def narrow(_tenant: Tenant, values: Sequence[str]) -> Q:
        # A name that is not declared leaves nothing, as the chip says: never more than was asked for.
        wanted = Q(pk__in=[])
        for value in values:
            if value in flags:
                wanted |= flags[value][1]
        return wanted

    return Facet(key, label, choices, narrow)


@dataclass(frozen=True, slots=True)
class Empty:
    """What a list says when there is nothing: what such things are for, and the command that makes one."""

    title: StrOrPromise
    text: StrOrPromise
    command: Command | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """A kind's list as it is declared. Where it is, what it is called and what a search word fits, the kind says."""

    kind: Kind
    template: str
    columns: Sequence[Column]
    placeholder: StrOrPromise
    command: str
    empty: Empty
    # Heading and value of each CSV column. Headings are the clouds' own names and stay untranslated.
    csv: Mapping[str, Callable[[Any], object]]
    # The rows with what is counted in the same query; without it the kind's.
    rows: Callable[[Tenant], QuerySet[Any]] | None = None
    facets: Sequence[Facet] = ()
    default: str = "name"
    # The model fields that a row shows, where reading all of them would be slow. CSV always has the whole row.
    reads: Sequence[str] = ()
    # What the rows of one page need besides themselves, such as the names behind ids. Gets the time of old data.
    beside: Callable[[Tenant, Sequence[Any], datetime | None], dict[str, Any]] = lambda _tenant, _rows, _seen: {}
    # The rows of one page as HTML, where a template would be slow; gets all that the template would get.
    draw: Callable[[Mapping[str, Any]], str] | None = None
    # What a member can do: make one more, several at once (bulk.py), one row's menu (row_menu.py).
    create: Callable[[Tenant], Action] | None = None
    bulks: Sequence[Bulk] = ()
    menu: Callable[[Tenant, Any], Sequence[Action]] | None = None

    @property
    def key(self) -> str:
        """Where the list is: "floating-ips"."""
        return self.kind.key

    @property
    def title(self) -> StrOrPromise:
        """What stands above it."""
        return self.kind.names

    @property
    def noun(self) -> StrOrPromise:
        """What it lists, in a sentence."""
        return self.kind.noun

    @property
    def service(self) -> str:
        """The service that tells of its rows."""
        return self.kind.service

    @property
    def personal(self) -> bool:
        """Whether the rows are each person's own, and dated by when they were read for that person."""
        return self.kind.personal


LISTINGS: Registry[Listing] = Registry(Listing, lambda listing: listing.key)


@dataclass(frozen=True, slots=True)
class View:
    """What was asked of a list: all of it from the address, none of it trusted."""

    q: str
    sort: str
    chosen: dict[str, list[str]]


def asked(listing: Listing, request: HttpRequest) -> View:
    """Read the address. A sort key that is not declared falls back to the list's own."""
    sortable = {column.key for column in listing.columns if column.sort}
    sort = request.GET.get("sort", "")
    if sort.removeprefix("-") not in sortable:
        sort = listing.default
    chosen = {facet.key: request.GET.getlist(facet.key) for facet in listing.facets if facet.key in request.GET}
    return View(request.GET.get("q", "").strip()[:200], sort, chosen)


def rows_of(listing: Listing, visit: Visit) -> QuerySet[Any]:
    """Return the rows of a tenant's list that this person may see."""
    rows = (listing.rows or listing.kind.rows)(visit.tenant)
    return rows.filter(access.own(visit.user)) if listing.personal else rows


def look(listing: Listing, visit: Visit, grant: UUID) -> Freshness:
    """Has what the list shows refreshed where that is due, and says how fresh it is now."""
    if not listing.personal:
        freshness.look_at(visit.tenant, grant)
        return health.freshness_of(visit.tenant)
    freshness.look_at_own(visit.tenant, grant, visit.own_as_of)
    return health.freshness_of(visit.tenant).dated(listing.service, visit.own_as_of)


def select(listing: Listing, visit: Visit, view: View) -> QuerySet[Any]:
    """Return the rows that are asked for, in the order that is asked for; ties by name, then id, so that pages are
    stable.
    """
    rows, tenant = rows_of(listing, visit), visit.tenant
    for facet in listing.facets:
        if facet.key in view.chosen:
            rows = rows.filter(facet.narrow(tenant, view.chosen[facet.key]))
    if view.q:
        rows = rows.filter(listing.kind.search(view.q))
    column = next(column for column in listing.columns if column.key == view.sort.removeprefix("-"))
    down = "-" if view.sort.startswith("-") else ""
    return rows.order_by(*(f"{down}{name}" for name in column.sort), "name", "external_id")


def show(request: HttpRequest, handle: Handle, listing: Listing) -> HttpResponse:
    """Return the page of a list, or its rows as CSV with `?format=csv`."""
    visit = access.enter(request, handle)
    tenant = visit.tenant
    fresh = look(listing, visit, sessions.grant_of(request))
    version = live.version_of(tenant)
    stamp = fresh.stamp_of(listing.service)
    if quiet := live.unchanged(request, version, stamp.at, busy=visit.busy):
        return quiet
    view = asked(listing, request)
    if request.GET.get("format") == "csv":
        return as_csv(listing, tenant, select(listing, visit, view))
    spots = frame.spots_of(visit.user)
    main = live.main_of(request, visit, fresh, stamp.at)
    context = {
        "shell": frame.tenant_shell(visit, spots, active=listing.key, crumbs=[Crumb(listing.title)], stamp=stamp),
        "listing": listing,
        "tenant": tenant,
        "main": main,
    }
    if not main.known:
        note = health.note_for(fresh, frame.others_that_answer(tenant, spots), listing.service)
        context |= {"note": note, **_table(request, visit, listing, view, fresh)}
        if listing.draw:
            context["rows"] = listing.draw(context)
    return live.stamped(render(request, listing.template, context), version, stamp.at, busy=visit.busy)


def _table(request: HttpRequest, visit: Visit, listing: Listing, view: View, fresh: Freshness) -> dict[str, Any]:
    """Return what stands on a list's page: its rows, and what can be done with them."""
    tenant, rows, stamp = visit.tenant, select(listing, visit, view), fresh.stamp_of(listing.service)
    page: Page[Any] = Paginator(rows.only(*listing.reads), PER_PAGE).get_page(request.GET.get("page"))
    page.object_list = list(page.object_list)
    shown = page.paginator.count
    total = rows_of(listing, visit).count() if view.q or view.chosen else shown
    return {
        # Old rows are dated in each status, because a phone shows little else of a row.
        "seen": fresh.old_since(listing.service),
        "unseen": stamp.at is None,
        "offered": fresh.offers(listing.service),
        "down": fresh.down,
        "wires": [health.wire_of(one) for one in tenant.location.services.all()] if stamp.at is None else [],
        "q": view.q,
        "sort": view.sort,
        "filters": chips(listing.facets, tenant, request, view.chosen),
        "page": page,
        "shown": shown,
        "total": total,
        "csv_url": address(request, format="csv"),
        "command": command_line(tenant, as_command(listing, tenant, view)),
        "empty_command": command_line(tenant, listing.empty.command),
        **offered(listing, visit),
        **listing.beside(tenant, page.object_list, fresh.old_since(listing.service)),
    }


def as_command(listing: Listing, tenant: Tenant, view: View) -> Command:
    """Return the list as a command, with what is chosen. What nobody could have chosen is not repeated."""
    options = [
        (facet.option, choice.value)
        for facet in listing.facets
        if facet.option and facet.key in view.chosen
        for choice in _choices_now(facet, tenant)
        if choice.value in view.chosen[facet.key]
    ]
    return Command(listing.command, options)


def offered(listing: Listing, visit: Visit) -> dict[str, Any]:
    """Return what this person can do with the list and its rows; nothing for readers."""
    if not asking.may_change(visit.role):
        return {"create": None, "bulk": (), "has_menu": False}
    tenant = visit.tenant
    return {
        "create": listing.create(tenant) if listing.create else None,
        "bulk": [one.button(tenant, listing.key) for one in listing.bulks],
        "has_menu": listing.menu is not None,
    }


def chips(
    facets: Sequence[Facet], tenant: Tenant, request: HttpRequest, chosen: Mapping[str, Sequence[str]]
) -> list[Filter]:
    """Return the filters above a list: what is chosen, and what could be. A filter with a single choice would do
    nothing.
    """
    filters = []
    for facet in facets:
        choices = _choices_now(facet, tenant)
        if facet.key in chosen:
            words = {choice.value: str(choice.label) for choice in choices}
            said = ", ".join(words.get(value, value) for value in chosen[facet.key])
            filters.append(Filter(facet.key, facet.label, chosen=said, clear_url=address(request, **{facet.key: None})))
        elif len(choices) > 1:
            options = [Option(c.label, address(request, **{facet.key: c.value}), c.count) for c in choices]
            filters.append(Filter(facet.key, facet.label, options))
    return filters


def _choices_now(facet: Facet, tenant: Tenant) -> Sequence[Choice]:
    return _choices(facet, tenant.pk, tenant.version, tenant.refreshed_at, get_language())


@lru_cache(maxsize=512)
def _choices(
    facet: Facet, tenant: int, _version: int, _refreshed_at: datetime | None, _language: str | None
) -> Sequence[Choice]:
    """Return what can be chosen, kept until the tenant is read again: counting 1,000 rows costs more than the page."""
    return [replace(choice, label=str(choice.label)) for choice in facet.choices(Tenant(pk=tenant))]


def as_csv(listing: Listing, tenant: Tenant, rows: QuerySet[Any]) -> HttpResponse:
    """All rows that the filter lets through, not only one page of them."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    name = f"{tenant.project.slug}-{tenant.location.name}-{listing.key}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    writer = csv.writer(response)
    writer.writerow(listing.csv)
    for row in rows:
        writer.writerow([cell(value(row)) for value in listing.csv.values()])
    return response


def cell(value: object) -> str:
    """Return a value as a spreadsheet may show it: what looks like a formula is text."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA) else text
