"""The palette's answer: projects, tenants and resources of mine, by name, id or address."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from portal.identity.models import User
from portal.ui import formats
from portal.ui.shell import Crumb
from projects import access
from projects.kinds import KINDS, Kind
from projects.models import Resource, Role, Tenant
from projects.pages import frame, health
from projects.pages import palette as doing

SHOWN = 8
# What begins so asks for commands only.
COMMANDS = ">"
# For so many of the things that were found, each the best of its kind, commands are offered.
_BEST = 2


@dataclass(frozen=True, slots=True)
class Item:
    """One hit. `kind` and `state` draw a badge, `hint` says more."""

    icon: str
    label: str
    url: str
    where: str = ""
    hint: str = ""
    kind: str = ""
    state: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Hits of one kind. The title says how many there are when not all are shown."""

    title: str
    items: Sequence[Item]


def kinds() -> list[Kind]:
    """Return the kinds that are searched."""
    return [kind for kind in KINDS.values() if kind.found]


def find(user: User, q: str, here: str = "") -> list[Group]:
    """Everything of the person's own that the word fits, at most 8 of a kind with the true number of all.

    Then what can be done with the best of it. `here` is the handle of the tenant that the person is in.
    """
    found = list(access.memberships(user).select_related("tenant__project", "tenant__location"))
    tenants = {membership.tenant_id: membership.tenant for membership in found}
    around = doing.Places(tenants, {one.tenant_id: Role(one.role) for one in found}, here)
    if q.startswith(COMMANDS):
        groups = [do(doing.by_words(around, q.removeprefix(COMMANDS)))]
    elif q.startswith("@"):  # projects and locations only
        groups = [places(list(tenants.values()), q)]
    else:
        groups, best = [places(list(tenants.values()), q)], []
        for kind in kinds() if q else ():
            group, rows = hits(user, kind, tenants, q)
            groups += [group] if rows else []
            best += rows[:1]
        groups.insert(1, pages(around, q))
        offers = [*doing.of_things(around, best[:_BEST]), *doing.without_a_thing(around, q)]
        # After the kinds that it is about, before the rest of what was found.
        groups.insert(2 + _BEST, do(offers))
    return [group for group in groups if group.items]


def do(offers: Sequence[doing.Offer]) -> Group:
    """Commands as hits."""
    return Group(_("Do"), [Item(one.icon, one.label, one.url, where=one.where) for one in offers])


def pages(around: doing.Places, q: str) -> Group:
    """Pages of the tenant that the person is in, by the first letters of their words: "cli", "users", "op"."""
    typed = q.casefold().split()
    here = next((one for one in around.tenants.values() if one.handle == around.here), None)
    found = [
        Item(one.icon, str(one.label), one.url, where=around.here)
        for one in (frame.pages_of(here) if here and typed else [])
        if all(any(word.startswith(part) for word in str(one.label).casefold().split()) for part in typed)
    ]
    return Group(_("Pages"), found)


def places(tenants: Sequence[Tenant], q: str) -> Group:
    """Projects and tenants whose handle fits; all of them before anything is typed."""
    word = q.casefold()
    if word.startswith("@"):
        found = [one for one in tenants if one.handle.casefold().endswith(word) or word in one.handle.casefold()]
    else:
        found = [one for one in tenants if word in one.handle.casefold() or word in one.project.name.casefold()]
    items = [
        Item(
            "folder-open",
            one.handle,
            reverse("tenant", kwargs={"handle": one.handle}),
            hint=health.word_of(one.location.health),
        )
        for one in found[:SHOWN]
    ]
    return Group(_title(_("Projects and locations"), len(found)), items)


def hits(user: User, kind: Kind, tenants: dict[int, Tenant], q: str) -> tuple[Group, list[Resource]]:
    """Return the hits of one kind, and their rows (two queries)."""
    rows: QuerySet[Any] = kind.model._default_manager.filter(kind.search(q), tenant__in=tenants)
    if kind.personal:
        rows = rows.filter(access.own(user))
    total = rows.count()
    items = []
    in_menus = list(tenants)

    def order(row: Resource) -> tuple[bool, str, int]:
        # Names that begin with the word are meant more often than names that contain it; equal ones as in menus.
        name = row.name.casefold()
        return not name.startswith(q.casefold()), name, in_menus.index(row.tenant_id)

    shown = sorted(rows[: SHOWN * 4], key=order)[:SHOWN]
    for row in shown:
        tenant = tenants[row.tenant_id]
        items.append(
            Item(
                kind.icon,
                kind.label(row),
                kind.url_of(tenant.handle, row.external_id),
                where=tenant.handle,
                hint=kind.hint(row),
                kind=kind.states,
                state=row.status if kind.states else "",
            )
        )
    return Group(_title(str(kind.names), total), items), shown


def _title(title: str, total: int) -> str:
    if total <= SHOWN:
        return title
    return ngettext("%(title)s, %(shown)s of %(n)s", "%(title)s, %(shown)s of %(n)s", total) % {
        "title": title,
        "shown": SHOWN,
        "n": formats.number(total),
    }


@require_safe
@login_required
def show(request: HttpRequest) -> HttpResponse:
    """Return the hits as a fragment for the palette, or as a page of their own for who comes without JavaScript."""
    user = access.person(request)
    q = request.GET.get("q", "").strip()[:200]
    context: dict[str, Any] = {
        "q": q.removeprefix(COMMANDS).strip(),
        "commands": q.startswith(COMMANDS),
        "groups": find(user, q, _here(request)),
    }
    if request.headers.get("HX-Request") == "true":
        response = render(request, "components/palette_results.html", context)
    else:
        crumbs = [Crumb(_("All projects"), "/"), Crumb(_("Search"))]
        context["shell"] = frame.site_shell(user, frame.spots_of(user), active="", crumbs=crumbs)
        response = render(request, "projects/search.html", context)
    response["Cache-Control"] = "private, no-store"
    return response


def _here(request: HttpRequest) -> str:
    """Return the handle of the tenant whose page the palette is open on."""
    first = urlsplit(request.headers.get("HX-Current-URL", "")).path.strip("/").split("/")[0]
    return unquote(first) if "@" in unquote(first) else ""
