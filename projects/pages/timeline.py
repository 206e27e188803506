"""What happened lately, newest first: operations, and what others did outside Meshdeck."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import CharField, F, QuerySet, Value
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.ui import formats
from portal.ui.changing import Action as Button
from projects.access import Visit
from projects.models import Change, Operation
from projects.operations import asking
from projects.operations.again import undoing
from projects.pages import sentences as telling
from projects.pages.changes import Event, event_of
from projects.pages.operation_view import address

# So long Undo is offered beside what was done; on the operation's own page always.
_AT_ONCE = timedelta(minutes=30)

_State = Operation.State


def timeline(
    visit: Visit, *, limit: int, back: str, kind: str = "", external_id: str = "", own: bool = False
) -> list[Event]:
    """The newest of a tenant, or of one of its resources (two queries). `back` is the page that shows it.

    A resource is asked for by `kind`, its model's name, too: names of containers and key pairs are their ids. With
    `own` only what the visitor asked for: another one's key pair may have the same name.
    """
    changes, operations = Change.objects.filter(tenant=visit.tenant), of_thing(visit, kind, external_id, own=own)
    if external_id:
        changes = changes.filter(kind=kind, external_id=external_id)
    found: list[tuple[datetime, Event]] = [
        *((one.seen_at, event_of(one, visit.tenant.handle)) for one in changes[:limit]),
        *((one.asked_at, operation_event(one, visit, back)) for one in telling.told(operations)[:limit]),
    ]
    found.sort(key=lambda one: one[0], reverse=True)
    return [event for _at, event in found[:limit]]


def of_thing(visit: Visit, kind: str, external_id: str, *, own: bool = False) -> QuerySet[Operation]:
    """The operations of a tenant, or about one of its resources."""
    rows = Operation.objects.filter(tenant=visit.tenant)
    if external_id:
        rows = rows.filter(targets__kind=kind, targets__external_id=external_id)
    return rows.filter(user=visit.user) if own else rows


def both(visit: Visit) -> QuerySet[Any, Any]:
    """The time and the key of every change and every operation, newest first: what a page of both is cut from."""
    none = Value("", output_field=CharField())
    changes = Change.objects.filter(tenant=visit.tenant).order_by().annotate(at=F("seen_at"), operation=none)
    operations = Operation.objects.filter(tenant=visit.tenant).order_by().annotate(at=F("asked_at"), change=Value(0))
    return (
        changes.annotate(change=F("pk"))
        .values_list("at", "change", "operation")
        .union(operations.annotate(operation=F("pk")).values_list("at", "change", "operation"), all=True)
        .order_by("-at")
    )


def events_of(visit: Visit, keys: Iterable[tuple[datetime, int, str]], back: str) -> list[Event]:
    """The events behind such keys (two queries)."""
    keys = list(keys)
    changes: Mapping[int, Change] = Change.objects.in_bulk([change for _at, change, _id in keys if change])
    wanted = Operation.objects.filter(pk__in=[id_ for _at, _change, id_ in keys if id_])
    operations = {one.pk: one for one in telling.told(wanted)}
    return [
        event_of(changes[change], visit.tenant.handle) if change else operation_event(operations[id_], visit, back)
        for _at, change, id_ in keys
    ]


def operation_event(operation: Operation, visit: Visit, back: str) -> Event:
    """An operation as a line: "Attached logs-01 to web-02", "member · 2.3 s · 13:48:20"."""
    role, word = telling.state_of(operation)
    step, steps = telling.progress_of(operation)
    at = formats.moment(operation.asked_at)
    if operation.is_open:
        far = _("step %(step)s of %(steps)s") % {"step": step, "steps": steps} if step else word.lower()
    else:
        far = telling.took(operation)
    bad = _("failed: %(reason)s") % {"reason": operation.reason} if operation.state == _State.FAILED else ""
    return Event(
        role,
        "",
        _("was cancelled") if operation.state == _State.CANCELLED else "",
        f"{operation.asked_by} · {far} · {at}",
        bad=bad,
        url=address(visit.tenant.handle, operation.pk),
        id=operation.pk,
        parts=telling.parts_of(operation),
        action=_way(operation, visit, back),
    )


def _way(operation: Operation, visit: Visit, back: str) -> Button | None:
    """What can be done about it: take it back, or see what helps."""
    here = visit.tenant.handle
    if operation.state == _State.FAILED:
        return Button(_("Remedies"), address(here, operation.pk))
    fresh = operation.ended_at is not None and operation.ended_at > timezone.now() - _AT_ONCE
    undone: bool = getattr(operation, "undone", False)
    found = undoing(operation) if fresh and not undone else None
    if found is None or not asking.may(visit.role, found[0]):
        return None
    return Button(_("Undo"), address(here, operation.pk, "undo"), post=True, name="next", value=back)
