"""The register as a page: what works here in the name of machines, until when, and what can be done with one's own."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from portal.identity import sessions
from portal.ui import formats
from portal.ui.changing import Action
from portal.ui.shell import Crumb, Stamp
from portal.ui.status import Status
from projects import access, freshness, platforms
from projects.access import Visit
from projects.converters import Handle
from projects.models import Membership, Role
from projects.pages import frame, health, live
from services.service_users import ending, reading, warning, words
from services.service_users.actions import (
    create_service_user_page,
    revoke_service_user_page,
    rotate_service_user_page,
)
from services.service_users.kind import SERVICE_USERS
from services.service_users.models import OwnReading, ServiceUser
from services.service_users.types import TYPES

# What has no end after so long meets an account that is refused, or a cloud that is away.
LATE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Line:
    """One row as it is drawn."""

    row: ServiceUser
    status: Status
    sub: str
    may: str
    mine: bool
    actions: Sequence[Action]


@require_safe
@login_required
def index(request: HttpRequest, handle: Handle) -> HttpResponse:
    """Show all that are known in the tenant: one's own as the cloud told them last, others' as it told their owners."""
    visit = access.enter(request, handle)
    tenant, grant = visit.tenant, sessions.grant_of(request)
    freshness.look_at(tenant, grant)
    read = reading.look_at(visit, grant)
    now = timezone.now()
    version = live.version_of_all([live.version_of(tenant), read and read.reason, read is None, f"{now:%Y%m%d%H%M}"])
    as_of = read.read_at if read else None
    if quiet := live.unchanged(request, version, as_of, busy=visit.busy):
        return quiet
    here, left = lines_of(visit, now)
    create = Action(_("Create service user"), create_service_user_page.PAGE.url(tenant), "plus")
    offered = platforms.has_inventory(tenant.location)
    shell = frame.tenant_shell(
        visit,
        frame.spots_of(visit.user),
        active=SERVICE_USERS.key,
        crumbs=[Crumb(_("Service users"))],
        stamp=Stamp(as_of, old=bool(read and read.reason)),
    )
    shell.version = version
    context = {
        "shell": shell,
        "tenant": tenant,
        "lines": here,
        "left": left if visit.role == Role.ADMIN else [],
        "offered": offered,
        "create": create if offered else None,
        "note": note_for(visit, read, here, now),
        "unseen": read is None,
        "operations_url": reverse("operations", kwargs={"handle": tenant.handle}),
        "down": health.freshness_of(tenant).down,
    }
    response = render(request, "service_users/list.html", context)
    return live.stamped(response, version, as_of, busy=visit.busy)


def lines_of(visit: Visit, now: datetime) -> tuple[list[Line], list[Line]]:
    """Return the rows of those who belong to the tenant, and of those who do not any more."""
    members = dict(Membership.objects.filter(tenant=visit.tenant).values_list("user_id", "cloud_roles"))
    rows = (
        ServiceUser.objects.filter(tenant=visit.tenant)
        .select_related("owner", "operation__tenant__project", "operation__tenant__location")
        .order_by("label", "pk")
    )
    here: list[Line] = []
    left: list[Line] = []
    for row in rows:
        row.tenant = visit.tenant
        stays = row.owner_id in members or not TYPES[row.kind].of_person
        (here if stays else left).append(line_of(visit, row, now, members.get(row.owner_id)))
    return here, left


def line_of(visit: Visit, row: ServiceUser, now: datetime, owned: Sequence[str] | None) -> Line:
    """Return one row in words. `owned` are the roles that its owner has there now; None: the owner has left."""
    of_person = TYPES[row.kind].of_person
    mine = row.owner_id == visit.user.pk or (not of_person and visit.role == Role.ADMIN)
    sub = row.description or (_("Made outside Meshdeck") if row.outside else "")
    if row.operation is not None and row.operation.tenant_id != row.tenant_id:
        sub = _("The one of %(place)s, works here too") % {"place": row.operation.tenant.handle}
    if row.ends_at is not None:
        sub = _("Rotated, the old secret")
    left = still_of(row, owned or ())
    status = status_of(row, now, there=not of_person or (owned is not None and bool(left)))
    return Line(row, status, sub, may_of(row, left), mine, list(actions_of(row)) if mine else [])


def still_of(row: ServiceUser, owned: Sequence[str]) -> Sequence[str]:
    """Return which of its roles count, where its owner has these; all of them where the owner has left."""
    roles: Sequence[str] = row.roles
    if not owned or not TYPES[row.kind].of_person:
        return roles
    return [role for role in roles if role in owned] if TYPES[row.kind].picks else owned


def may_of(row: ServiceUser, left: Sequence[str] = ()) -> str:
    """Say what it may, with what is dangerous about it. Of its roles Keystone counts those that its owner still has."""
    said = words.may(left or row.roles, row.access_rules)
    return _("%(may)s, and make others") % {"may": said} if row.unrestricted else said


def status_of(row: ServiceUser, now: datetime, *, there: bool) -> Status:
    """Return its shape and word."""
    if row.is_ready(now):
        return Status("work", _("Waits for its download"))
    if row.closed_at is not None and row.taken_at is None:
        return Status("work", _("Being ended: nobody took it"))
    kind = TYPES[row.kind]
    if row.ended_at is not None or (kind.bounded and row.expires_at is not None and row.expires_at <= now):
        return Status("off", _("Ended"))
    if not there:
        return Status("bad", _("Refused: its owner has none of its roles any more"))
    if ending.is_over(row, now) and not kind.of_person:
        late = ending.is_over(row, now - LATE)
        return Status("bad", _("Still works: it could not be ended yet")) if late else Status("work", _("Being ended"))
    if ending.is_over(row, now):
        return Status("warn", _("Ends when %(name)s is logged in") % {"name": row.owner.username})
    if row.ends_at is not None:
        return Status("work", _("Ends at %(time)s") % {"time": formats.short_moment(row.ends_at)})
    days = warning.days_left(row, now)
    if days is not None:
        return Status("warn", ends_in(days))
    return Status("ok", _("Valid"))


def ends_in(days: int) -> str:
    """Say when it ends: "Ends in 6 days"."""
    if days == 0:
        return _("Ends within a day")
    return ngettext("Ends in %(n)d day", "Ends in %(n)d days", days) % {"n": days}


def actions_of(row: ServiceUser) -> Iterable[Action]:
    """Return what its owner can do with it."""
    tenant = row.tenant
    if row.is_ready() and row.operation_id:
        made = {"handle": tenant.handle, "operation_id": row.operation_id}
        yield Action(_("Download"), reverse("service-user-made", kwargs=made))
        return
    revoke = revoke_service_user_page.PAGE.url(tenant, row)
    if row.ends_at is not None:
        yield Action(_("End now"), revoke, danger=True)
        return
    if row.ended_at is not None:
        yield Action(_("Remove"), revoke, danger=True)
        return
    yield Action(_("Rotate"), rotate_service_user_page.PAGE.url(tenant, row))
    yield Action(_("Revoke"), revoke, danger=True)


def note_for(visit: Visit, read: OwnReading | None, lines: Sequence[Line], now: datetime) -> dict[str, Any] | None:
    """Return the one message above the list: that it could not be read, or that one ends soon."""
    if read is not None and read.reason:
        title = _("%(place)s did not tell yours just now.") % {"place": visit.tenant.location.name}
        return {"role": "warn", "title": title, "text": read.reason}
    soon = [(line.row, warning.days_left(line.row, now)) for line in lines if line.mine]
    ending = sorted(((days, row.pk, row) for row, days in soon if days is not None), key=lambda one: one[:2])
    if not ending:
        return None
    days, _pk, row = ending[0]
    title = _("%(name)s: %(ends)s.") % {"name": row.label, "ends": ends_in(days).lower()}
    text = _("A rotation makes a new secret, and the old one works beside it for a while so that nothing stops.")
    url = rotate_service_user_page.PAGE.url(visit.tenant, row)
    return {"role": "warn", "title": title, "text": text, "url": url, "action": _("Rotate %(name)s") % {"name": row}}
