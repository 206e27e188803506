"""One worker at an operation at a time, by conditional UPDATEs whose rows are counted. No locks.

A claim lasts LEASE. The task that holds it is killed before that (tasks/operations.py), so that whoever takes over
never works beside a worker that is only slow. Every write of the run names its claim: who lost it writes nothing.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from projects.models import Operation
from projects.models.operation import OPEN

LEASE = timedelta(seconds=20)
# A countdown of the broker may end a little early.
_EARLY = timedelta(milliseconds=100)


class OvertakenError(Exception):
    """The operation is no longer ours: another worker has it, or it has ended."""


def free(now: datetime) -> Q:
    """Nobody is at it, or who was is dead."""
    return Q(claimed_at=None) | Q(claimed_at__lt=now - LEASE)


def take(operation_id: str) -> Operation | None:
    """Return the operation, ours from now on. None: it has ended, is not due yet, or another worker is at it."""
    now = timezone.now()
    due = Operation.objects.filter(free(now), pk=operation_id, state__in=OPEN, next_at__lte=now + _EARLY)
    taken = due.update(
        claimed_at=now,
        state=Operation.State.RUNNING,
        started_at=Coalesce(F("started_at"), now),
        attempts=F("attempts") + 1,
    )
    if not taken:
        return None
    related = "tenant__location", "tenant__project", "user"
    return Operation.objects.select_related(*related).get(pk=operation_id)


def write(operation: Operation, **fields: Any) -> None:
    """Write to an operation that is ours. OvertakenError when it is not any more."""
    ours = Operation.objects.filter(pk=operation.pk, claimed_at=operation.claimed_at, state__in=OPEN)
    if not ours.update(**fields):
        raise OvertakenError(operation.pk)
    for name, value in fields.items():
        setattr(operation, name, value)
