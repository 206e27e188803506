"""One discovery: what one location says about one person."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from clouds import errors
from clouds.errors import CloudError
from portal.identity.errors import ProviderUnreachable, SessionEnded
from portal.identity.models import User
from projects import platforms
from projects.discovery.grouping import tenant_of
from projects.discovery.roles import strongest
from projects.models import Discovery, Location, Membership, Tenant, inventory
from projects.platforms import Admitted, Discovered, UnsettledError
from projects.refresh import health

log = structlog.get_logger(__name__)


def discover(user: User, grant: UUID, location: Location) -> list[Tenant]:
    """Asks the location for the person's projects and roles, and writes the memberships. The tenants found.

    Nothing is raised of what a cloud or the identity provider does wrong: it is told by the person's Discovery row.
    """
    began, platform = timezone.now(), platforms.of(location)
    try:
        found = platform.discover(location, grant)
    except SessionEnded:
        log.info("discover_without_session", user_id=user.pk, location=location.name)
        return []
    except ProviderUnreachable:
        tell(user, location, began, "The identity provider is not answering, so that nobody can be let in.", "")
        return []
    except UnsettledError as error:
        tell(user, location, began, str(error), "")
        return []
    except CloudError as error:
        if not_told(user, location, began, error, platform.why_refused(error)):
            health.record(location.pk, platform.blame(location, error))
        return []
    tenants = _write(user, location, began, found)
    for tenant, one in tenants:
        if one.keep:
            one.keep(tenant)
    health.record(location.pk, [health.Outcome(service, None) for service in found.answered])
    log.info("discovered", user_id=user.pk, location=location.name, projects=len(tenants))
    return [tenant for tenant, _ in tenants]


def not_asked(user: User, location: Location) -> None:
    """Tell the reason to a person who has never heard of the location, which is down and not to be tried yet."""
    now = timezone.now()
    values = {"tried_at": now, "reason": location.reason, "request_id": location.request_id}
    Discovery.objects.get_or_create(user=user, location=location, defaults=values)


def _write(user: User, location: Location, began: datetime, found: Discovered) -> Sequence[tuple[Tenant, Admitted]]:
    """Make the person's memberships at the location equal to what it said. The tenants with what was said."""
    confirmed = [(tenant_of(location, one.place), one) for one in found.admitted]
    with transaction.atomic():
        if not tell(user, location, began, "", "", found=len(confirmed) + len(found.unsure)):
            return []  # a discovery that began later has already written: what we saw is older
        mine = Membership.objects.filter(user=user, tenant__location=location)
        kept = [tenant for tenant, _ in confirmed]
        # Who is another to the cloud than before has other things of their own there, which nobody has read yet.
        ids = {one.user_id for one in found.admitted}
        mine.filter(tenant__in=kept).exclude(cloud_user_id__in=ids).update(own_as_of=None)
        Membership.objects.bulk_create(
            [
                Membership(
                    user=user,
                    tenant=tenant,
                    role=strongest(one.roles),
                    cloud_roles=list(one.roles),
                    confirmed_at=began,
                    cloud_user_id=one.user_id,
                )
                for tenant, one in confirmed
            ],
            update_conflicts=True,
            unique_fields=["user", "tenant"],
            update_fields=["role", "cloud_roles", "confirmed_at", "cloud_user_id"],
        )
        # Of the unsure the tenant was named, and its roles were not told by a fault: no word against the membership.
        end(mine.exclude(tenant__in=kept).exclude(tenant__external_id__in=found.unsure))
        _drop_own_of_nobody(location)
    return confirmed


def end(lost: QuerySet[Membership]) -> None:
    """End memberships, each with a line in the log."""
    for membership in lost.select_related("tenant__project", "tenant__location"):
        log.info("membership_ended", user_id=membership.user_id, tenant=membership.tenant.handle)
        membership.delete()


def _drop_own_of_nobody(location: Location) -> None:
    """Forgets what belongs to those who are no members of their tenants any more: no refresh of others does it."""
    owners = Membership.objects.filter(tenant=OuterRef("tenant"), cloud_user_id=OuterRef("user_id"))
    for model in inventory():
        if model.personal:
            model._default_manager.filter(~Exists(owners), tenant__location=location).delete()


def not_told(user: User, location: Location, began: datetime, error: CloudError, reason: str) -> bool:
    """Note that the location did not name the projects. An outage leaves the memberships; a refusal ends them later.

    A refusal may be a mistake of a moment (a mapping under change, a clock); when it lasts, whoever was shut out of the
    cloud must not go on reading what the portal remembers of it: fail closed. Tells whether it is an outage.
    """
    log.info("discover_failed", user_id=user.pk, location=location.name, reason=error.reason, status=error.status)
    if isinstance(error, errors.OUTAGES):
        tell(user, location, began, reason, error.request_id)
        return True
    with transaction.atomic():
        if tell(user, location, began, reason, error.request_id):
            mine = Membership.objects.filter(user=user, tenant__location=location)
            end(mine.filter(confirmed_at__lt=began - settings.REFUSAL_GRACE))
            _drop_own_of_nobody(location)
    return False


def tell(
    user: User, location: Location, began: datetime, reason: str, request_id: str, *, found: int | None = None
) -> bool:
    """Write the person's Discovery row, unless a discovery that began later has. Tells whether it did."""
    values = {"tried_at": began, "reason": reason[:500], "request_id": request_id[:80]}
    if found is not None:
        values["found"] = found
    with transaction.atomic():
        row, created = Discovery.objects.select_for_update().get_or_create(
            user=user, location=location, defaults=values
        )
        if created:
            return True
        return Discovery.objects.filter(pk=row.pk, tried_at__lte=began).update(**values) == 1
