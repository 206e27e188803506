"""The first page: my projects and their locations, and what needs me."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from portal.identity import sessions
from portal.identity.models import User
from portal.ui import formats
from portal.ui.shell import Crumb, Stamp
from portal.ui.status import Role as Shape
from projects import access, freshness, platforms
from projects.models import Discovery, Location, Membership, Reading, Role, Tenant
from projects.operations import asking
from projects.pages import attention, frame, live, rows, usage
from projects.pages.health import Freshness, listed


@dataclass(frozen=True, slots=True)
class ProjectRow:
    """One project with its locations."""

    name: str
    url: str
    description: str
    role: str
    others: str
    places: Sequence[rows.PlaceRow]


@dataclass(frozen=True, slots=True)
class Answer:
    """What one location said when it was asked for the person's projects."""

    role: Shape
    name: str
    said: str
    detail: str
    request_id: str = ""


@require_safe
@login_required
def show(request: HttpRequest) -> HttpResponse:
    """All my projects."""
    user = access.person(request)
    grant = sessions.grant_of(request)
    found = list(access.memberships(user).select_related("tenant__project", "tenant__location"))
    tenants = [membership.tenant for membership in found]
    locations = list(Location.objects.filter(enabled=True))
    asked = {one.location_id: one for one in Discovery.objects.filter(user=user)}
    freshness.discover_soon(grant)
    for tenant in tenants:
        freshness.look_at(tenant, grant)
    version = live.version_of_all(
        [
            *(f"{m.tenant_id}.{m.role}.{live.version_of(m.tenant)}" for m in found),
            *(f"{place.pk}.{place.health}.{place.failures}" for place in locations),
            *(f"{one.location_id}.{one.found}.{one.reason}" for one in asked.values()),
        ]
    )
    fresh = freshnesses(tenants)
    stamp = stamp_of(list(fresh.values()))
    answers = [answer_of(location, asked.get(location.pk)) for location in locations]
    looking = any(location.pk not in asked for location in locations)
    busy = any(tenant.changing for tenant in tenants) or (looking and not tenants)
    if quiet := live.unchanged(request, version, stamp.at, busy=busy):
        return quiet
    shell = frame.site_shell(
        user,
        frame.spots_of(user),
        active="welcome",
        crumbs=[Crumb(_("All projects"))],
        stamp=stamp if tenants else None,
    )
    shell.version, shell.busy = version, busy
    mine = {tenant.location_id for tenant in tenants}
    changeable = {one.tenant_id for one in found if asking.may_change(Role(one.role))}
    matters = attention.matters(tenants, [location for location in locations if location.pk in mine], changeable)
    context: dict[str, Any] = {
        "shell": shell,
        "greeting": greeting(user),
        "summary": summary(found, matters, unsure(fresh.values())),
        "matters": matters,
        "projects": project_rows(found, fresh),
        "answers": answers,
        "looking": looking,
        "places": listed([location.name for location in locations]),
        "support": [location for location in locations if location.support],
    }
    template = "projects/welcome.html" if found else "projects/welcome_nothing.html"
    return live.stamped(render(request, template, context), version, stamp.at, busy=busy)


def freshnesses(tenants: Sequence[Tenant]) -> dict[int, Freshness]:
    """Return the last word of each service about each tenant (one query)."""
    readings: dict[int, dict[str, Reading]] = {tenant.pk: {} for tenant in tenants}
    for reading in Reading.objects.filter(tenant__in=readings):
        readings[reading.tenant_id][reading.service] = reading
    return {tenant.pk: Freshness(tenant, readings[tenant.pk]) for tenant in tenants}


def stamp_of(fresh: Sequence[Freshness]) -> Stamp:
    """Return the time of a page over several tenants: the oldest of those that are current; old data is dated in its
    row.
    """
    times = [one.as_of for one in fresh if not one.old and one.as_of]
    if times:
        return Stamp(min(times))
    known = [one.as_of for one in fresh if one.as_of]
    return Stamp(min(known) if known else None, old=bool(known))


def greeting(user: User) -> str:
    """One line, by the person's own clock."""
    hour = timezone.localtime().hour
    name = {"name": user.name or user.username}
    if 5 <= hour < 12:
        return _("Good morning, %(name)s") % name
    if 12 <= hour < 18:
        return _("Good afternoon, %(name)s") % name
    return _("Good evening, %(name)s") % name


def unsure(fresh: Iterable[Freshness]) -> int:
    """Count the projects of which something may need the person that nobody has read: never yet, or not lately."""
    read = (one for one in fresh if platforms.has_inventory(one.tenant.location))
    return sum(one.old or one.as_of is None for one in read)


def summary(memberships: Sequence[Membership], matters: Sequence[attention.Matter], unread: int) -> str:
    """ "2 projects in 3 locations. Three things need you, everything else is well." What is not read may not be."""
    projects = len({membership.tenant.project_id for membership in memberships})
    places = len({membership.tenant.location_id for membership in memberships})
    first = _("%(projects)s in %(places)s.") % {
        "projects": ngettext("%(n)s project", "%(n)s projects", projects) % {"n": formats.number(projects)},
        "places": ngettext("%(n)s location", "%(n)s locations", places) % {"n": formats.number(places)},
    }
    if unread:
        stale = ngettext("%(n)s project is not up to date here.", "%(n)s projects are not up to date here.", unread)
        first += " " + stale % {"n": formats.number(unread)}
    n = len(matters)
    if unread and n:
        said = ngettext("%(many)s thing is known to need you.", "%(many)s things are known to need you.", n)
        return f"{first} {capfirst(said % {'many': in_words(n)})}"
    if not matters:
        return f"{first} {_('Nothing is known to need you.') if unread else _('Nothing needs you.')}"
    needs = ngettext(
        "%(many)s thing needs you, everything else is well.", "%(many)s things need you, everything else is well.", n
    ) % {"many": in_words(n)}
    return f"{first} {capfirst(needs)}"


def in_words(n: int) -> str:
    """Small counts as words, as one says them."""
    words = [
        _("one"), _("two"), _("three"), _("four"), _("five"), _("six"), _("seven"), _("eight"), _("nine"), _("ten"),
    ]  # fmt: skip
    return words[n - 1] if 1 <= n <= len(words) else formats.number(n)


def project_rows(memberships: Sequence[Membership], fresh: dict[int, Freshness]) -> list[ProjectRow]:
    """Return the projects in the order of menus, each with its rows."""
    tenants = [membership.tenant for membership in memberships]
    limits, sparks = rows.limits_of(tenants), usage.sparklines(tenants)
    people = dict(
        Membership.objects.filter(tenant__in=tenants)
        .order_by("tenant__project")
        .values_list("tenant__project")
        .annotate(n=Count("user", distinct=True))
    )
    grouped: dict[int, list[Membership]] = {}
    for membership in memberships:
        grouped.setdefault(membership.tenant.project_id, []).append(membership)
    return [
        ProjectRow(
            name=group[0].tenant.project.name,
            url=f"/projects/{group[0].tenant.project.slug}/",
            description=group[0].tenant.project.description,
            role=roles_said(group),
            others=others_said(people[project] - 1),
            places=[
                rows.place_row(m.tenant, limits[m.tenant_id], fresh[m.tenant_id], sparks[m.tenant_id]) for m in group
            ],
        )
        for project, group in grouped.items()
    ]


def others_said(n: int) -> str:
    """Who else was seen where I am. Not how many there are: a cloud tells a member nothing of those who never came."""
    return ngettext("%(n)s other uses Meshdeck", "%(n)s others use Meshdeck", n) % {"n": formats.number(n)} if n else ""


def roles_said(group: Sequence[Membership]) -> str:
    """ "member", or "member in north, reader in south" where they differ."""
    roles = {membership.role for membership in group}
    if len(roles) == 1:
        return str(Role(roles.pop()).label)
    return ", ".join(
        _("%(role)s in %(place)s") % {"role": Role(one.role).label, "place": one.tenant.location.name} for one in group
    )


def answer_of(location: Location, asked: Discovery | None) -> Answer:
    """Return a location's answer in words, for whoever has no project (yet)."""
    if asked is None:
        return Answer("work", location.name, _("is being asked"), "")
    at = formats.moment(asked.tried_at)
    if asked.reason:
        return Answer(
            "warn", location.name, _("could not be asked, at %(time)s") % {"time": at}, asked.reason, asked.request_id
        )
    if not asked.found:
        return Answer("off", location.name, _("knows no project of yours, asked at %(time)s") % {"time": at}, "")
    said = ngettext("names %(n)s project of yours", "names %(n)s projects of yours", asked.found)
    return Answer("ok", location.name, said % {"n": formats.number(asked.found)}, "")
