"""One discovery: what one location says about one person."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from clouds import errors
from clouds.errors import CloudError
from clouds.openstack import identity, session
from clouds.openstack.identity import CloudProject
from clouds.openstack.session import AuthState, Federation
from portal.identity import vault
from portal.identity.errors import ProviderUnreachable, SessionEnded
from portal.identity.models import User
from projects.discovery.grouping import tenant_of
from projects.discovery.roles import strongest
from projects.models import Discovery, Location, Membership, Service, Tenant
from projects.refresh import health
from services.compute.models import KeyPair
from services.openstack import tokens
from services.openstack.locations import RegionNeededError, discover_endpoints, federation_of, settle_region

log = structlog.get_logger(__name__)

_PARALLEL = 8


@dataclass(frozen=True, slots=True)
class _Seen:
    """A project with the token for it; `error` instead where Keystone gave none."""

    project: CloudProject
    state: AuthState | None
    error: CloudError | None


def discover(user: User, grant: UUID, location: Location) -> list[Tenant]:
    """Asks the location for the person's projects and roles, and writes the memberships. The tenants found.

    Nothing is raised of what a cloud or the identity provider does wrong: it is told by the person's Discovery row.
    """
    began = timezone.now()
    federation = federation_of(location)
    try:
        unscoped = session.unscoped(federation, vault.access_token(grant).value)
        seen = _roles(federation, unscoped, identity.projects(federation, unscoped))
    except SessionEnded:
        log.info("discover_without_session", user_id=user.pk, location=location.name)
        return []
    except ProviderUnreachable:
        tell(user, location, began, "The identity provider is not answering, so that nobody can be let in.", "")
        return []
    except CloudError as error:
        reason = f"{error.reason} {error.detail}".strip()
        if isinstance(error, errors.Unauthorized):
            # Keystone says the same to a login that it does not trust and to one whose groups no rule of it names.
            reason = "It lets you in with none of your groups, or does not trust this login (401)."
        if not_told(user, location, began, error, reason):
            health.record(location.pk, [health.Outcome(Service.IDENTITY, error)])
        return []

    state = next((one.state for one in seen if one.state), None)
    if state:
        try:
            settle_region(location, state)
        except RegionNeededError as error:
            tell(user, location, began, str(error), "")
            return []
        discover_endpoints(location, state)
    tenants = _write(user, location, began, seen)
    for tenant, one in tenants:
        if one.state:
            tokens.remember(tenant, grant, one.state)
    health.record(location.pk, [health.Outcome(Service.IDENTITY, None)])
    log.info("discovered", user_id=user.pk, location=location.name, projects=len(tenants))
    return [tenant for tenant, _ in tenants]


def not_asked(user: User, location: Location) -> None:
    """The location is down and not to be tried yet: who has never heard of it is told the reason."""
    now = timezone.now()
    values = {"tried_at": now, "reason": location.reason, "request_id": location.request_id}
    Discovery.objects.get_or_create(user=user, location=location, defaults=values)


def _roles(federation: Federation, unscoped: AuthState, projects: Sequence[CloudProject]) -> list[_Seen]:
    """A token of each project, for its roles; in parallel."""

    def scoped(project: CloudProject) -> _Seen:
        try:
            return _Seen(project, session.scoped(federation, unscoped, project.external_id), None)
        except CloudError as error:
            return _Seen(project, None, error)

    with ThreadPoolExecutor(_PARALLEL, thread_name_prefix="discover") as pool:
        return list(pool.map(scoped, projects))


def _write(user: User, location: Location, began: datetime, seen: list[_Seen]) -> list[tuple[Tenant, _Seen]]:
    """Makes the person's memberships at the location equal to what Keystone said. The tenants with what was seen."""
    confirmed = [(tenant_of(location, one.project), one) for one in seen if one.state]
    # The project was listed, but its token failed by a fault of the cloud: no word against the membership.
    unsure = [one.project.external_id for one in seen if isinstance(one.error, health.OUTAGES)]
    with transaction.atomic():
        if not tell(user, location, began, "", "", found=len(confirmed) + len(unsure)):
            return []  # a discovery that began later has already written: what we saw is older
        mine = Membership.objects.filter(user=user, tenant__location=location)
        kept = [tenant for tenant, _ in confirmed]
        # Who is another to the cloud than before has other key pairs there, which nobody has read yet.
        ids = {one.state.user_id for _, one in confirmed if one.state}
        mine.filter(tenant__in=kept).exclude(cloud_user_id__in=ids).update(own_as_of=None)
        Membership.objects.bulk_create(
            [
                Membership(
                    user=user,
                    tenant=tenant,
                    role=strongest(one.state.roles),
                    cloud_roles=sorted(one.state.roles),
                    confirmed_at=began,
                    cloud_user_id=one.state.user_id,
                )
                for tenant, one in confirmed
                if one.state
            ],
            update_conflicts=True,
            unique_fields=["user", "tenant"],
            update_fields=["role", "cloud_roles", "confirmed_at", "cloud_user_id"],
        )
        end(mine.exclude(tenant__in=kept).exclude(tenant__external_id__in=unsure))
        _drop_key_pairs_of_nobody(location)
    return confirmed


def end(lost: QuerySet[Membership]) -> None:
    """Ends memberships, each with a line in the log."""
    for membership in lost.select_related("tenant__project", "tenant__location"):
        log.info("membership_ended", user_id=membership.user_id, tenant=membership.tenant.handle)
        membership.delete()


def _drop_key_pairs_of_nobody(location: Location) -> None:
    """Forgets the key pairs of those who are no members of their tenants any more: no refresh of others does it."""
    owners = Membership.objects.filter(tenant=OuterRef("tenant"), cloud_user_id=OuterRef("user_id"))
    KeyPair.objects.filter(~Exists(owners), tenant__location=location).delete()


def not_told(user: User, location: Location, began: datetime, error: CloudError, reason: str) -> bool:
    """The location did not name the projects. An outage leaves the memberships; a refusal ends them after a while.

    A refusal may be a mistake of a moment (a mapping under change, a clock); when it lasts, whoever was shut out of the
    cloud must not go on reading what the portal remembers of it: fail closed. Tells whether it is an outage.
    """
    log.info("discover_failed", user_id=user.pk, location=location.name, reason=error.reason, status=error.status)
    if isinstance(error, health.OUTAGES):
        tell(user, location, began, reason, error.request_id)
        return True
    with transaction.atomic():
        if tell(user, location, began, reason, error.request_id):
            mine = Membership.objects.filter(user=user, tenant__location=location)
            end(mine.filter(confirmed_at__lt=began - settings.REFUSAL_GRACE))
            _drop_key_pairs_of_nobody(location)
    return False


def tell(
    user: User, location: Location, began: datetime, reason: str, request_id: str, *, found: int | None = None
) -> bool:
    """Writes the person's Discovery row, unless a discovery that began later has. Tells whether it did."""
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
