"""Operations: one turn of one, and the sweeper that hands abandoned ones to a worker again."""

import structlog
from celery import shared_task
from django.db.models import Q
from django.utils import timezone

from projects.models import Location, Operation
from projects.operations import asking, claims, turn
from projects.seats import AGAIN, Work, seat

log = structlog.get_logger(__name__)

_LIMIT = 18


# Killed before its claim ends (operations/claims.py): who takes over is alone.
@shared_task(name="projects.run_operation", soft_time_limit=16, time_limit=_LIMIT)
def run_operation(operation_id: str) -> None:
    """Goes on with an operation, and comes back when it has to wait. Done twice at once, the second does nothing."""
    # Whatever is logged on the way, by the vault or about a location's health, carries the operation's id.
    with structlog.contextvars.bound_contextvars(operation=operation_id):
        try:
            location = Location.objects.filter(tenants__operations=operation_id).first()
            if location is None:
                return
            with seat(location, Work.CHANGE, _LIMIT) as mine:
                seconds = turn.turn(operation_id) if mine else AGAIN
            if seconds is not None:
                asking.send(operation_id, seconds)
        except turn.PASSING as trouble:
            # The sweeper goes on with it: when the claim has ended, or the message has not come.
            log.warning("operation_turn_failed", trouble=type(trouble).__name__)


@shared_task(name="projects.sweep_operations")
def sweep() -> None:
    """Has a worker go on with what nobody is at: its worker died, or the broker lost the message."""
    now = timezone.now()
    lost = Operation.objects.open().filter(claims.free(now), next_at__lte=now)
    dead = Q(claimed_at__isnull=False)
    for operation_id in lost.filter(dead | Q(sent_at__lte=now - asking.RESEND)).values_list("pk", flat=True):
        Operation.objects.filter(pk=operation_id).update(sent_at=now)
        asking.send(operation_id)
