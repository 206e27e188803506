"""The pages' side of handing a secret over: the envelope is opened once, for the login that asked. Calls no cloud."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import transaction
from django.utils import timezone
from redis.exceptions import RedisError

from projects.access import Visit
from projects.models import Operation
from projects.operations import asking
from services.service_users import envelope
from services.service_users.models import ServiceUser, grow

# Time for the operation to end the old one itself.
_AT_ONCE = timedelta(minutes=2)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Credential:
    """A service user with its secret, for as long as one answer takes. The secret stays out of `repr`."""

    row: ServiceUser
    secret: str = field(repr=False)


def take(visit: Visit, grant: UUID, operation_id: str) -> Credential | None:
    """Return the service user that this operation made, with its secret, for the first who asks; None for all others.

    The envelope is emptied before the row says so: who dies between the two leaves a login that nobody has, which the
    operation ends. The row is asked before the answer is given: what the operation is ending is given to nobody.
    """
    mine = ServiceUser.objects.filter(tenant=visit.tenant, owner=visit.user, operation=operation_id)
    row = mine.select_related("tenant__project", "tenant__location", "operation", "owner").first()
    if row is None or not row.is_ready():
        return None
    try:
        secret = envelope.take(operation_id, grant)
    except RedisError:
        log.warning("redis_away", envelope=operation_id)
        return None
    if secret is None:
        return None
    if not _note(row, timezone.now()):
        return None
    log.info("secret_handed_over", operation=operation_id, service_user=row.pk)
    grow(visit.tenant)
    asking.send(operation_id)
    return Credential(row, secret)


def _note(row: ServiceUser, now: datetime) -> bool:
    mine = ServiceUser.objects.filter(pk=row.pk, taken_at=None, closed_at=None)
    with transaction.atomic():
        if not mine.update(taken_at=now, changed_at=now):
            return False
        if row.operation is not None and row.operation.action == "rotate-service-user":
            _set_end(row, row.operation, now)
        # It goes on now, and not when it would have looked again.
        Operation.objects.open().filter(pk=row.operation_id).update(next_at=now)
    return True


def _set_end(row: ServiceUser, operation: Operation, now: datetime) -> None:
    """Give the old one an end as soon as somebody has the new one, whatever becomes of the operation.

    Where there is no overlap the operation ends it at once; the sweeper does, should it not come to that.
    """
    overlap = timedelta(minutes=operation.params["overlap_minutes"]) or _AT_ONCE
    old = ServiceUser.objects.filter(tenant=row.tenant, external_id=operation.params["external_id"])
    old.filter(ends_at=None).update(ends_at=now + overlap, changed_at=now)
