"""What we have to end ourselves: the old secret after an overlap, and at their end those whose cloud knows of no end.

What belongs to a person is ended as that person, who has to be logged in for it; the rest by the location's account.
"""

from datetime import datetime

import structlog
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.utils import timezone

from clouds import errors
from clouds.errors import OUTAGES, CloudError
from portal.identity import vault
from projects import access
from projects.access import Visit
from projects.actions import ACTIONS
from projects.models import Location, Role
from projects.operations import asking
from projects.operations import unattended as itself
from projects.operations.asking import KeyReusedError, RefusedError
from services.service_users.actions.end_service_user import ENDING, Params, Why
from services.service_users.models import ServiceUser, grow
from services.service_users.types import TYPES
from services.service_users.types.base import At

log = structlog.get_logger(__name__)


def is_over(row: ServiceUser, now: datetime) -> bool:
    """Tell whether it is for us to end it, and time."""
    if row.ended_at is not None:
        return False
    ended = row.ends_at is not None and row.ends_at <= now
    return ended or (not TYPES[row.kind].bounded and row.expires_at is not None and row.expires_at <= now)


def end_due(now: datetime) -> set[int]:
    """End every one whose time is over: what belongs to nobody at once, others as their owner.

    The keys of the locations that did not answer; one that rests, or fails once, is left alone until the next time.
    """
    away: set[int] = set()
    unbounded = [key for key, kind in TYPES.items() if not kind.bounded]
    due = Q(ends_at__lte=now) | Q(expires_at__lte=now, kind__in=unbounded)
    over = ServiceUser.objects.filter(due, ended_at=None)
    for row in over.select_related("owner", "tenant__project", "tenant__location"):
        if TYPES[row.kind].of_person:
            _ask(row, now)
        elif row.tenant.location_id not in away and not _ends(row, now):
            away.add(row.tenant.location_id)
    return away


def rests(location: Location, now: datetime) -> bool:
    """Tell whether it did not answer, and is not to be asked yet."""
    return location.next_try_at is not None and location.next_try_at > now


def _ask(row: ServiceUser, now: datetime) -> None:
    """Ask for its revocation. One that failed is asked for again each hour."""
    grant = vault.live_grant(row.owner)
    membership = access.memberships(row.owner).filter(tenant=row.tenant_id)
    there = membership.select_related("tenant__project", "tenant__location").order_by().first()
    if grant is None or there is None:
        return  # the cloud would refuse whom we have not
    action = ACTIONS["revoke-service-user"]
    visit = Visit(row.owner, there.tenant, Role(there.role))
    wanted = {"external_id": row.external_id, "overlap": row.ends_at is not None, "kind": row.kind}
    params = action.params.model_validate(wanted)
    key = f"overlap-{row.pk}-{now:%Y%m%d%H}"
    try:
        asking.ask(visit, grant, action, params, key=key)
    except (RefusedError, PermissionDenied, KeyReusedError) as refused:
        log.info("service_user_not_ended", service_user=row.pk, reason=str(refused))


def _ends(row: ServiceUser, now: datetime) -> bool:
    """End it with the location's account, for which nobody has to be there. Done again until it went well.

    False: the location does not answer. Where the account was taken away only the cloud's operator can end it; the page
    says so. After an overlap the row goes; after its own end it stays as ended, as those do that Keystone has ended.
    """
    if rests(row.tenant.location, now):
        return False
    if not row.tenant.location.account_name:
        return True
    began, request_id = timezone.now(), itself.request_id_of(row.tenant, ENDING, row.external_id)
    try:
        TYPES[row.kind].delete(At(row.tenant, request=request_id), row.external_id)
    except errors.NotFound:
        pass  # somebody was faster
    except CloudError as error:
        log.warning("service_user_not_ended", service_user=row.pk, code=error.code, request_id=error.request_id)
        return not isinstance(error, OUTAGES)
    replaced = row.ends_at is not None and row.ends_at <= now
    why = Why.REPLACED if replaced else Why.OVER
    params = Params(
        external_id=row.external_id, kind=ServiceUser.Kind(row.kind), why=why, made_by=row.operation_id or ""
    )
    with row.tenant.locked():
        if replaced:
            row.delete()
        else:
            ServiceUser.objects.filter(pk=row.pk).update(ended_at=now, changed_at=now)
        itself.note(row.tenant, itself.Deed(ENDING, params, row.label, began))
    log.info("service_user_ended", service_user=row.pk, operation=row.operation_id)
    grow(row.tenant)
    return True
