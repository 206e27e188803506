"""What happened lately, newest first: operations, and what others did outside Meshdeck."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import islice
from typing import Any

from django.db.models import CharField, F, QuerySet, Value
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.identity.models import User
from portal.ui import formats
from portal.ui.changing import Action as Button
from projects.access import Visit
from projects.models import Change, Operation
from projects.operations import asking
from projects.operations.again import undoing
from projects.pages import sentences as telling
from projects.pages.changes import Event, event_of
from projects.pages.operation_view import address
from projects.prepared import Prepared, PreparedCount, columns, instance

# So long Undo is offered beside what was done; on the operation's own page always.
_AT_ONCE = timedelta(minutes=30)

_State = Operation.State


def timeline(
    visit: Visit, *, limit: int, back: str, kind: str = "", external_id: str = "", own: bool = False
) -> list[Event]:
    """Return the newest of a tenant, or of one of its resources (two queries). `back` is the page that shows it.

    A resource is asked for by `kind`, its model's name, too: names of containers and key pairs are their ids. With
    `own` only what the visitor asked for: another one's key pair may have the same name.
    """
    thing = {"kind": kind, "external_id": external_id} if external_id else {}
    mine = {"user": visit.user.pk} if own else {}
    changes, operations = _newest(bool(thing), own, limit)
    found: list[tuple[datetime, Event]] = [
        *(
            (one.seen_at, event_of(one, visit.tenant.handle))
            for one in (instance(Change, row) for row in changes.rows(tenant=visit.tenant.pk, **thing))
        ),
        *(
            (one.asked_at, operation_event(one, visit, back))
            for one in (_operation(row) for row in operations.rows(tenant=visit.tenant.pk, **thing, **mine))
        ),
    ]
    found.sort(key=lambda one: one[0], reverse=True)
    return [event for _at, event in found[:limit]]


_OF_CHANGE, _OF_OPERATION, _OF_USER = columns(Change), columns(Operation), columns(User, "user__")


@lru_cache(maxsize=16)
def _newest(thing: bool, own: bool, limit: int) -> tuple[Prepared, Prepared]:
    """Return the two queries of a timeline, which stands on almost every page."""

    def changes(tenant: int, **about: str) -> QuerySet[Change, Any]:
        return Change.objects.filter(tenant=tenant, **about).values_list(*_OF_CHANGE)[:limit]

    def operations(tenant: int, kind: str = "", external_id: str = "", user: int = 0) -> QuerySet[Operation, Any]:
        rows = Operation.objects.filter(tenant=tenant)
        if kind:
            rows = rows.filter(targets__kind=kind, targets__external_id=external_id)
        if user:
            rows = rows.filter(user=user)
        return telling.told(rows).values_list(*_OF_OPERATION, *_OF_USER, "undone", "retried")[:limit]

    about = {"kind": "kind", "external_id": "external id"} if thing else {}
    mine = {"user": -2} if own else {}
    return Prepared(changes, tenant=-1, **about), Prepared(operations, tenant=-1, **about, **mine)


def _operation(row: tuple[Any, ...]) -> Operation:
    """Return a row of the second query as the ORM would give it."""
    rest = iter(row)
    operation = instance(Operation, islice(rest, len(_OF_OPERATION)))
    user = list(islice(rest, len(_OF_USER)))
    operation.user = instance(User, user) if operation.user_id is not None else None
    undone, retried = rest
    operation.undone, operation.retried = bool(undone), bool(retried)  # type: ignore[attr-defined]  # as told's are
    return operation


def of_thing(visit: Visit, kind: str, external_id: str, *, own: bool = False) -> QuerySet[Operation]:
    """Return the operations of a tenant, or about one of its resources."""
    rows = Operation.objects.filter(tenant=visit.tenant)
    if external_id:
        rows = rows.filter(targets__kind=kind, targets__external_id=external_id)
    return rows.filter(user=visit.user) if own else rows


def count_of_thing(visit: Visit, kind: str, external_id: str, *, own: bool = False) -> int:
    """Count the operations about one of a tenant's resources."""
    thing = {"tenant": visit.tenant.pk, "kind": kind, "external_id": external_id}
    return _COUNT_OF_OWN.of(**thing, user=visit.user.pk) if own else _COUNT.of(**thing)


def _about(kind: str, external_id: str, **others: int) -> QuerySet[Operation]:
    return Operation.objects.filter(targets__kind=kind, targets__external_id=external_id, **others)


_COUNT = PreparedCount(_about, tenant=-1, kind="kind", external_id="external id")
_COUNT_OF_OWN = PreparedCount(_about, tenant=-1, kind="kind", external_id="external id", user=-2)


def both(visit: Visit) -> QuerySet[Any, Any]:
    """Return the time and the key of every change and every operation, newest first: what a page of both is cut
    from.
    """
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
    """Return the events behind such keys (two queries)."""
    keys = list(keys)
    changes: Mapping[int, Change] = Change.objects.in_bulk([change for _at, change, _id in keys if change])
    wanted = Operation.objects.filter(pk__in=[id_ for _at, _change, id_ in keys if id_])
    operations = {one.pk: one for one in telling.told(wanted)}
    return [
        event_of(changes[change], visit.tenant.handle) if change else operation_event(operations[id_], visit, back)
        for _at, change, id_ in keys
    ]


def operation_event(operation: Operation, visit: Visit, back: str) -> Event:
    """Return an operation as a line: "Attached logs-01 to web-02", "member · 2.3 s · 13:48:20"."""
    role, word = telling.state_of(operation)
    at = formats.moment(operation.asked_at)
    if operation.is_open:
        step, steps = telling.progress_of(operation)
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
    """Return what can be done about it: take it back, or see what helps."""
    here = visit.tenant.handle
    if operation.state == _State.FAILED:
        return Button(_("Remedies"), address(here, operation.pk))
    fresh = operation.ended_at is not None and operation.ended_at > timezone.now() - _AT_ONCE
    undone: bool = getattr(operation, "undone", False)
    found = undoing(operation) if fresh and not undone else None
    if found is None or not asking.may(visit.role, found[0]):
        return None
    return Button(_("Undo"), address(here, operation.pk, "undo"), post=True, name="next", value=back)
