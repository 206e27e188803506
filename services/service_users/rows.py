"""Rows of the register: what the cloud told an owner, written down."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from portal.identity.models import User
from projects.access import Visit
from projects.models import Membership, Operation, Role, Tenant
from services.service_users.models import ServiceUser, grow, mark_in
from services.service_users.types import TYPES
from services.service_users.types.base import Seen

OF_NOBODY = [key for key, kind in TYPES.items() if not kind.of_person]
MAKERS = ("create-service-user", "rotate-service-user")


def write(
    tenants: Iterable[Tenant], user: User, found: Iterable[Seen], kinds: Collection[str], began: datetime
) -> None:
    """Make the person's rows of these kinds in these tenants equal to what was told.

    What an operation wrote since `began` stays, and those of an operation that is still on its way are left to it.
    """
    by_project: dict[str, list[Seen]] = {}
    for one in found:
        by_project.setdefault(one.project_id, []).append(one)
    for tenant in tenants:
        with transaction.atomic():
            if _write(tenant, user, by_project.get(tenant.external_id, []), kinds, began):
                grow(tenant)


def _write(tenant: Tenant, user: User, found: Iterable[Seen], kinds: Collection[str], began: datetime) -> bool:
    mine = ServiceUser.objects.filter(tenant=tenant, owner=user, kind__in=kinds)
    existing = {row.external_id: row for row in mine}
    changed = False
    for one in found:
        row = existing.pop(one.external_id, None)
        if row is None:
            changed |= _add(tenant, user, one, began)
        elif row.changed_at <= began and (new := _differences(row, told(one))):
            changed |= bool(ServiceUser.objects.filter(pk=row.pk).update(**new, changed_at=began))
    gone = [row.pk for row in existing.values() if row.changed_at <= began]
    return bool(ServiceUser.objects.filter(pk__in=gone, changed_at__lte=began).delete()[0]) or changed


def _add(tenant: Tenant, user: User, seen: Seen, began: datetime) -> bool:
    mark = mark_in(seen.name)
    # By the project's id and not by the tenant: two locations may have one Keystone, and then both are told of it.
    makers = Operation.objects.filter(user=user, action__in=MAKERS, tenant__external_id=tenant.external_id)
    made = makers.filter(pk=mark).first() if mark else None
    if made is not None and made.is_open:
        return False
    first = ServiceUser.objects.filter(operation=made, external_id=seen.external_id).first() if made else None
    fields = told(seen) | {
        "operation": made,
        "made_at": made.ended_at if made else None,
    }
    if first is not None:  # what this cloud does not tell of its kind
        known = {"description": first.description, "expires_at": first.expires_at, "last_four": first.last_four}
        fields = known | fields
    label = seen.name.removesuffix(f".{mark}") if made else seen.name
    _row, is_new = ServiceUser.objects.get_or_create(
        tenant=tenant,
        external_id=seen.external_id,
        defaults={"owner": user, "label": label, "first_seen_at": began, "changed_at": began, **fields},
    )
    return is_new


def told(seen: Seen) -> dict[str, Any]:
    """Return the columns that the cloud tells."""
    columns = {"kind": seen.kind, "name": _short(seen.name, 256), **seen.columns}
    return columns | ({"description": _short(text, 10_000)} if (text := columns.get("description")) else {})


def drop(tenant: Tenant, user: User, external_id: str) -> None:
    """Drop the row of what the cloud no longer knows, if it is this person's, or nobody's."""
    rows = ServiceUser.objects.filter(tenant=tenant, external_id=external_id)
    if rows.filter(Q(owner=user) | Q(kind__in=OF_NOBODY)).delete()[0]:
        grow(tenant)


def still_changeable(operation: Operation, row: ServiceUser) -> bool:
    """Tell whether who asked may change it now: the location's account would end it for anybody."""
    membership = Membership.objects.filter(user=operation.user, tenant=operation.tenant).first()
    role = Role(membership.role) if membership else Role.READER
    return changeable(operation.tenant, operation.asker, role).filter(pk=row.pk).exists()


def changeable(tenant: Tenant, user: User, role: Role) -> QuerySet[ServiceUser]:
    """Those that this person may rotate and revoke: one's own, and as the project's admin what belongs to nobody."""
    mine = Q(owner=user)
    return ServiceUser.objects.filter(mine | Q(kind__in=OF_NOBODY) if role == Role.ADMIN else mine, tenant=tenant)


def changeable_by(visit: Visit) -> QuerySet[ServiceUser]:
    """Return those that the visitor may rotate and revoke."""
    return changeable(visit.tenant, visit.user, visit.role)


def _differences(row: ServiceUser, after: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in after.items() if getattr(row, name) != value}


def _short(text: str, most: int) -> str:
    """Without what PostgreSQL refuses."""
    return text.replace("\0", "�")[:most]
