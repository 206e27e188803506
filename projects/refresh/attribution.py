"""Whose work a change is: done outside Meshdeck, a result of one of its operations, or unclear.

An operation tells itself what became of its targets. Other things change along with them: a floating IP leads nowhere
when its server is deleted, a security group loses the rules that named a deleted group. What such a change names (in
what differs) connects it to a target:

- It only lost references to targets that are gone. They can't stay, so it is the operation's RESULT.
- It names a target of an operation that is at work, or was since the last reading: the operation may have brought it
  along, or somebody else did it at the same time. UNCLEAR, until the operation sees its target gone (`settle`).
- It names, or is, a target of an operation that gave up, whose request the cloud may still carry out. UNCLEAR.
- Else it was done OUTSIDE.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from projects import kinds
from projects.models import Change, Operation, OperationTarget, Tenant
from projects.refresh.differences import Difference, Values

# So long after its end a cloud may still do what follows from an operation.
_LATE = timedelta(minutes=10)
_GIVEN_UP = (Operation.State.FAILED, Operation.State.CANCELLED)


@dataclass(frozen=True, slots=True)
class _Target:
    """A thing that an operation changes, made or saw going; `name` is what it was called when that was asked for.

    `at_work`: the operation is open, or was since the last whole reading. `given_up`: it failed or was cancelled.
    """

    kind: str
    external_id: str
    operation_id: str
    name: str
    gone: bool
    at_work: bool
    given_up: bool


class Operations:
    """The operations that may have to do with what a reading finds different. One query, however much that is."""

    def __init__(self, tenant: Tenant, read_at: datetime) -> None:
        """Look at operations that are open, ended since the last whole reading, or may have late effects."""
        at_work = Q(operation__ended_at=None)
        if tenant.as_of is not None:
            at_work |= Q(operation__ended_at__gt=tenant.as_of)
        late = read_at - _LATE
        given_up = Q(operation__state__in=_GIVEN_UP, operation__ended_at__gt=late)
        rows = OperationTarget.objects.filter(at_work | given_up | Q(gone_at__gt=late), operation__tenant=tenant)
        self._targets = [
            _target(row, tenant.as_of)
            for row in rows.select_related("operation").order_by("-operation_id")
            if row.gone_at or row.operation.state not in _GIVEN_UP or _was_sent(row.operation)
        ]

    def attribute(self, news: Iterable[Change], differences: Iterable[Difference]) -> list[Change]:
        """Return the news with their origin and cause, without those that operations at work tell themselves."""
        told = {(one.kind, one.external_id) for one in self._targets if one.at_work}
        rows = {(one.model._meta.model_name, one.external_id): one for one in differences}
        left = [one for one in news if (one.kind, one.external_id) not in told]
        for one in left:
            self._find_cause(one, rows.get((one.kind, one.external_id)))
        return left

    def _find_cause(self, change: Change, difference: Difference | None) -> None:
        for target in self._targets:
            if target.gone and _follows_from(change, {target.external_id}):
                change.origin, change.cause_id = Change.Origin.RESULT, target.operation_id
                return
        words = _words(change)
        ids = words | _ids_that_differ(difference)
        for target in self._targets:
            itself = (target.kind, target.external_id) == (change.kind, change.external_id)
            named = target.external_id in ids or target.name in words
            if (target.given_up and itself) or ((target.given_up or target.at_work) and named):
                change.origin, change.cause_id = Change.Origin.UNCLEAR, target.operation_id
                return


def settle(operation: Operation, gone: Iterable[str]) -> None:
    """Tell what was unclear as the operation's result, now that it saw these targets gone."""
    ids = set(gone)
    unclear = Change.objects.filter(cause=operation, origin=Change.Origin.UNCLEAR)
    results = [change.pk for change in unclear if _follows_from(change, ids)]
    if results:
        Change.objects.filter(pk__in=results).update(origin=Change.Origin.RESULT)


def _target(row: OperationTarget, since: datetime | None) -> _Target:
    ended_at = row.operation.ended_at
    return _Target(
        kind=row.kind,
        external_id=row.external_id,
        operation_id=row.operation_id,
        name=str(row.operation.names.get(row.external_id) or row.external_id),
        gone=row.gone_at is not None,
        at_work=ended_at is None or (since is not None and ended_at > since),
        given_up=row.operation.state in _GIVEN_UP,
    )


def _was_sent(operation: Operation) -> bool:
    """Tell whether the cloud accepted a request of it, or may have."""
    return operation.accepted_at is not None or any(
        key.endswith("_sent_at") and at for key, at in operation.memory.items()
    )


def _follows_from(change: Change, gone: set[str]) -> bool:
    """Tell whether all that changed is references to things that are gone, and what follows from losing them."""
    kind = kinds.named(change.kind)
    follows = kind.news.follows if kind and kind.news else frozenset()
    lost = False
    for name, (old, new) in change.fields.items():
        before, after = set(_texts(old)), set(_texts(new))
        if after < before and all(gone & {one, *one.split()} for one in before - after):
            lost = True
        elif name not in follows:
            return False
    return lost


def _words(change: Change) -> set[str]:
    """Return the texts, and the words in them, that a change tells to have come or gone; no name of its own."""
    told = (set(_texts(old)) ^ set(_texts(new)) for name, (old, new) in change.fields.items() if name != "name")
    return {word for texts in told for text in texts for word in (text, *text.split())}


def _ids_that_differ(difference: Difference | None) -> set[str]:
    """Return what may be ids of other things in the columns that differ."""
    return set(_ids(difference.before)) ^ set(_ids(difference.after)) if difference else set()


def _ids(row: Values | None) -> Iterator[str]:
    """Yield what may be ids in a row's columns: texts, those within records too, but no names."""
    for column, value in (row or {}).items():
        if not column.endswith("name"):
            yield from _texts(value)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str) and value:
        yield value
    elif isinstance(value, dict):
        yield from _ids(value)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for one in value:
            yield from _texts(one)
