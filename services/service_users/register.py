"""The workers' side of the register: what the cloud told an owner becomes rows, and what nobody knows is ended."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from clouds.openstack import application_credentials, errors
from clouds.openstack.application_credentials import ApplicationCredential
from clouds.openstack.errors import CloudError
from clouds.openstack.session import Connection
from portal.identity.errors import ProviderUnreachable, SessionEnded
from portal.identity.models import User
from projects.models import Operation, Tenant
from projects.refresh import tokens
from services.service_users.models import OwnReading, ServiceUser, grow, mark_in

log = structlog.get_logger(__name__)

MAKERS = ("create-service-user", "rotate-service-user")
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
        known = _by_project(tenant, user, {one.project_id for one in found})
        lost = [one for one in found if one.project_id in known and _is_lost(known[one.project_id], user, one)]
        if lost:
            tokens.as_person(tenant, grant, lambda cloud: _end(cloud, lost))
        ended = {one.external_id for one in lost}
        write(known.values(), user, [one for one in found if one.external_id not in ended], began)
        _note(tenant, user, began, "")


def _read(cloud: Connection) -> list[ApplicationCredential]:
    return [
        one.model_copy(update={"user_id": one.user_id or cloud.state.user_id})
        for one in application_credentials.list_own(cloud)
    ]


def _by_project(tenant: Tenant, user: User, project_ids: set[str]) -> dict[str, Tenant]:
    """The location's tenants that the credentials are of, or that have rows of this person."""
    there = Tenant.objects.filter(location=tenant.location_id)
    mine = there.filter(serviceusers__owner=user) | there.filter(external_id__in=project_ids)
    return {one.external_id: one for one in mine.distinct()}


def _is_lost(tenant: Tenant, user: User, seen: ApplicationCredential) -> bool:
    """Whether its operation ended without anybody having its secret: a worker died, or the cloud was away."""
    mark = mark_in(seen.name)
    taken = ServiceUser.objects.filter(tenant=tenant, external_id=seen.external_id, taken_at__isnull=False)
    if not mark or taken.exists():
        return False
    return Operation.objects.filter(pk=mark, tenant=tenant, user=user, action__in=MAKERS, state__in=_BADLY).exists()


def _end(cloud: Connection, lost: Iterable[ApplicationCredential]) -> None:
    for one in lost:
        try:
            application_credentials.delete(cloud, one.external_id)
        except errors.NotFound:
            pass  # somebody was faster
        log.warning("service_user_lost_and_ended", operation=mark_in(one.name))


def write(tenants: Iterable[Tenant], user: User, found: Iterable[ApplicationCredential], began: datetime) -> None:
    """Makes the person's rows in these tenants equal to what was told. What an operation wrote since `began` stays.

    Those of an operation that is still on its way are left to it.
    """
    by_project: dict[str, list[ApplicationCredential]] = {}
    for one in found:
        by_project.setdefault(one.project_id, []).append(one)
    for tenant in tenants:
        with transaction.atomic():
            if _write(tenant, user, by_project.get(tenant.external_id, []), began):
                grow(tenant)


def _write(tenant: Tenant, user: User, found: Iterable[ApplicationCredential], began: datetime) -> bool:
    existing = {row.external_id: row for row in ServiceUser.objects.filter(tenant=tenant, owner=user)}
    changed = False
    for one in found:
        row = existing.pop(one.external_id, None)
        if row is None:
            changed |= _add(tenant, user, one, began)
        elif row.changed_at <= began and (new := _differences(row, told(one))):
            changed |= bool(ServiceUser.objects.filter(pk=row.pk).update(**new, changed_at=began))
    gone = [row.pk for row in existing.values() if row.changed_at <= began]
    return bool(ServiceUser.objects.filter(pk__in=gone, changed_at__lte=began).delete()[0]) or changed


def _add(tenant: Tenant, user: User, seen: ApplicationCredential, began: datetime) -> bool:
    mark = mark_in(seen.name)
    made = Operation.objects.filter(pk=mark, tenant=tenant, user=user, action__in=MAKERS).first() if mark else None
    if made is not None and made.is_open:
        return False
    fields = told(seen) | {"operation": made, "made_at": made.ended_at if made else None}
    label = seen.name.removesuffix(f".{mark}") if made else seen.name
    _row, is_new = ServiceUser.objects.get_or_create(
        tenant=tenant,
        external_id=seen.external_id,
        defaults={"owner": user, "label": label, "first_seen_at": began, "changed_at": began, **fields},
    )
    return is_new


def told(seen: ApplicationCredential) -> dict[str, Any]:
    """The columns that the cloud tells."""
    return {
        "name": _short(seen.name, 256),
        "user_id": seen.user_id,
        "description": _short(seen.description, 10_000),
        "roles": seen.roles,
        "access_rules": [rule.model_dump() for rule in seen.access_rules],
        "unrestricted": seen.unrestricted,
        "expires_at": seen.expires_at,
    }


def drop(tenant: Tenant, user: User, external_id: str) -> None:
    """The cloud knows it no more: its row goes, if it is this person's."""
    if ServiceUser.objects.filter(tenant=tenant, owner=user, external_id=external_id).delete()[0]:
        grow(tenant)


def unsettled(now: datetime, settle: timedelta) -> Iterable[Operation]:
    """Operations that ended badly after something was sent, whose location was not read since.

    `settle` is how long what was sent may take to arrive.
    """
    ended = Operation.objects.filter(action__in=MAKERS, state__in=_BADLY, ended_at__lt=now - settle)
    for operation in ended.filter(ended_at__gt=now - timedelta(days=30)).select_related("tenant", "user"):
        if not operation.memory.get("sent") or operation.memory.get("settled"):
            continue
        read = OwnReading.objects.filter(user=operation.user, location=operation.tenant.location_id)
        if operation.ended_at and not read.filter(read_at__gt=operation.ended_at + settle).exists():
            yield operation


def _differences(row: ServiceUser, after: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in after.items() if getattr(row, name) != value}


def _short(text: str, most: int) -> str:
    """Without what PostgreSQL refuses."""
    return text.replace("\0", "�")[:most]


def _note(tenant: Tenant, user: User, began: datetime, reason: str) -> None:
    fields: dict[str, Any] = {"tried_at": began, "reason": reason[:500]}
    if not reason:
        fields["read_at"] = began
    OwnReading.objects.update_or_create(user=user, location=tenant.location, defaults=fields)
