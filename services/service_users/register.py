"""The workers' side of the register: what the cloud tells an owner is written down, what nobody knows is ended."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.utils import timezone
from django.utils.translation import gettext as _

from clouds.openstack import errors
from clouds.openstack.errors import CloudError
from clouds.openstack.session import Connection
from portal.identity.errors import ProviderUnreachable, SessionEnded
from portal.identity.models import User
from projects.models import Operation, Tenant
from projects.refresh import tokens
from projects.refresh.health import OUTAGES
from services.service_users.kinds import KINDS
from services.service_users.kinds.base import At, Kind, Seen
from services.service_users.models import LONGEST_NAME, OwnReading, ServiceUser, cloud_name, grow, mark_in
from services.service_users.rows import MAKERS, OF_NOBODY, write

log = structlog.get_logger(__name__)

_BADLY = (Operation.State.FAILED, Operation.State.CANCELLED)


def refresh(tenant: Tenant, user: User, grant: UUID) -> None:
    """Reads all of a person's at the tenant's location, as that person, and writes down what was told or why not."""
    began = timezone.now()
    try:
        found = tokens.as_person(tenant, grant, _read)
    except SessionEnded:
        return  # nobody looks any more
    except ProviderUnreachable:
        _note(tenant, user, began, _("The identity provider is not answering."))
    except CloudError as error:
        log.info("service_users_not_read", code=error.code, status=error.status, request_id=error.request_id)
        _note(tenant, user, began, error.reason)
    else:
        told = [one for rows in found.values() for one in rows]
        known = _by_project(tenant, user, {one.project_id for one in told})
        lost = [one for one in told if one.project_id in known and _is_lost(known[one.project_id], user, one)]
        if lost:
            tokens.as_person(tenant, grant, lambda cloud: _end(At(tenant, cloud), lost))
        ended = {one.external_id for one in lost}
        write(known.values(), user, [one for one in told if one.external_id not in ended], found, began)
        _note(tenant, user, began, "")
    forget_gone(tenant)


def _read(cloud: Connection) -> dict[str, list[Seen]]:
    """Those of each kind that the cloud tells its owner of."""
    told = {key: kind.list_own(cloud) for key, kind in KINDS.items()}
    return {key: rows for key, rows in told.items() if rows is not None}


def _by_project(tenant: Tenant, user: User, project_ids: set[str]) -> dict[str, Tenant]:
    """The location's tenants that the credentials are of, or that have rows of this person."""
    there = Tenant.objects.filter(location=tenant.location_id)
    mine = there.filter(serviceusers__owner=user) | there.filter(external_id__in=project_ids)
    return {one.external_id: one for one in mine.distinct()}


def _is_lost(tenant: Tenant, user: User, seen: Seen) -> bool:
    """Whether its operation ended without anybody having its secret: a worker died, or the cloud was away."""
    mark = mark_in(seen.name)
    taken = ServiceUser.objects.filter(tenant=tenant, external_id=seen.external_id, taken_at__isnull=False)
    if not mark or taken.exists():
        return False
    return Operation.objects.filter(pk=mark, tenant=tenant, user=user, action__in=MAKERS, state__in=_BADLY).exists()


def _end(at: At, lost: Iterable[Seen]) -> None:
    for one in lost:
        try:
            KINDS[one.kind].delete(at, one.external_id)
        except errors.NotFound:
            pass  # somebody was faster
        log.warning("service_user_lost_and_ended", operation=mark_in(one.name))


def unsettled(now: datetime, settle: timedelta) -> Iterable[Operation]:
    """Operations that ended badly after something was sent, which nobody has looked for since.

    `settle` is how long what was sent may take to arrive.
    """
    ended = Operation.objects.filter(action__in=MAKERS, state__in=_BADLY, ended_at__lt=now - settle)
    for operation in ended.select_related("tenant__location", "user"):
        if not operation.memory.get("sent") or operation.memory.get("settled"):
            continue
        if not kind_of(operation).of_person:
            yield operation
            continue
        read = OwnReading.objects.filter(user=operation.user, location=operation.tenant.location_id)
        if operation.ended_at and not read.filter(read_at__gt=operation.ended_at + settle).exists():
            yield operation


def settle(operation: Operation) -> bool:
    """Ends what an operation that failed may have left of those that belong to nobody, by the location's account.

    False: the location does not answer. Without an account, nobody but the cloud's operator can look.
    """
    tenant, kind, label = operation.tenant, kind_of(operation), label_of(operation)
    taken = ServiceUser.objects.filter(operation=operation, taken_at__isnull=False)
    if not taken.exists():
        if not tenant.location.account_name:
            return True
        at = At(tenant)
        try:
            _end(at, kind.find(at, cloud_name(label, operation.pk)))
        except CloudError as error:
            log.warning("service_user_not_ended", operation=operation.pk, code=error.code, request_id=error.request_id)
            return not isinstance(error, OUTAGES)  # again the next time
        ServiceUser.objects.filter(operation=operation).delete()
    Operation.objects.filter(pk=operation.pk).update(memory={**operation.memory, "settled": True})
    grow(tenant)
    return True


def kind_of(operation: Operation) -> Kind:
    """What an operation was making. Those from before there were kinds made application credentials."""
    of_old: dict[str, Any] = operation.memory.get("old", {})
    key = operation.params.get("kind") or of_old.get("kind") or ServiceUser.Kind.APPLICATION_CREDENTIAL
    return KINDS[key]


def label_of(operation: Operation) -> str:
    """What it was to be called."""
    old: dict[str, Any] = operation.memory.get("old", {})
    return str(operation.params.get("name") or old.get("label") or "")[:LONGEST_NAME]


def forget_gone(tenant: Tenant) -> None:
    """Rows of what belongs to nobody and the cloud knows no more, as the location's account sees it."""
    for key in OF_NOBODY:
        rows = list(ServiceUser.objects.filter(tenant=tenant, kind=key, ended_at=None))
        if not rows or not tenant.location.account_name:
            continue
        try:
            gone = KINDS[key].gone(tenant, rows)
        except CloudError as error:
            log.info("service_users_not_read", code=error.code, status=error.status, request_id=error.request_id)
            continue
        for row in gone:
            if ServiceUser.objects.filter(pk=row.pk, changed_at=row.changed_at).delete()[0]:
                grow(tenant)


def _note(tenant: Tenant, user: User, began: datetime, reason: str) -> None:
    fields: dict[str, Any] = {"tried_at": began, "reason": reason[:500]}
    if not reason:
        fields["read_at"] = began
    OwnReading.objects.update_or_create(user=user, location=tenant.location, defaults=fields)
