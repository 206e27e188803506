"""The workers' side of the register: what the cloud tells an owner is written down, what nobody knows is ended."""

from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from django.utils import timezone
from django.utils.translation import gettext as _

from clouds.errors import CloudError
from clouds.openstack.session import Connection
from portal.identity.errors import ProviderUnreachable, SessionEnded
from portal.identity.models import User
from projects.models import Operation, Tenant
from services.openstack import tokens
from services.service_users import leftovers
from services.service_users.models import OwnReading, ServiceUser, grow
from services.service_users.rows import OF_NOBODY, write
from services.service_users.types import TYPES
from services.service_users.types.base import At, Seen

log = structlog.get_logger(__name__)


def refresh(tenant: Tenant, user: User, grant: UUID) -> None:
    """Read all of a person's at the tenant's location, as that person, and write down what was told or why not."""
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
        ended = set()
        for one in told:
            made_by = leftovers.maker(known.get(one.project_id), user, one)
            if made_by and _end(tenant, grant, made_by, one):
                ended.add(one.external_id)
        leftovers.close(leftovers.begun(tenant.location, user, found), {one.external_id for one in told})
        write(known.values(), user, [one for one in told if one.external_id not in ended], found, began)
        _note(tenant, user, began, "")
    forget_gone(tenant)


def _read(cloud: Connection) -> dict[str, list[Seen]]:
    """Those of each kind that the cloud tells its owner of."""
    told = {key: kind.list_own(cloud) for key, kind in TYPES.items()}
    return {key: rows for key, rows in told.items() if rows is not None}


def _end(tenant: Tenant, grant: UUID, made_by: Operation, one: Seen) -> bool:
    """Tell whether it is ended. One that can't be now is left to the next look, and stops nothing else of this one."""
    request_id = leftovers.request_id(made_by, one)

    def end(cloud: Connection) -> bool:
        return leftovers.end(At(tenant, cloud), made_by, one)

    try:
        return tokens.as_person(tenant, grant, end, request_id=request_id)
    except CloudError as error:
        log.warning("service_user_not_ended", operation=made_by.pk, code=error.code, request_id=error.request_id)
    except (ProviderUnreachable, SessionEnded) as error:
        log.warning("service_user_not_ended", operation=made_by.pk, code=type(error).__name__)
    return False


def _by_project(tenant: Tenant, user: User, project_ids: set[str]) -> dict[str, Tenant]:
    """Return the location's tenants that the credentials are of, or that have rows of this person."""
    there = Tenant.objects.filter(location=tenant.location_id)
    mine = there.filter(serviceusers__owner=user) | there.filter(external_id__in=project_ids)
    return {one.external_id: one for one in mine.distinct()}


def forget_gone(tenant: Tenant) -> None:
    """Rows of what belongs to nobody and the cloud knows no more, as the location's account sees it."""
    for key in OF_NOBODY:
        rows = list(ServiceUser.objects.filter(tenant=tenant, kind=key, ended_at=None))
        if not rows or not tenant.location.account_name:
            continue
        try:
            gone = TYPES[key].gone(tenant, rows)
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
