"""One refresh of one tenant, as one person's login."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.utils import timezone

from clouds import errors
from clouds.errors import CloudError
from portal.identity.errors import ProviderUnreachable, SessionEnded
from projects import figures, platforms
from projects.freshness import SLOW_AGE
from projects.models import Membership, Reading, Tenant
from projects.refresh import claims, health
from projects.refresh.writing import write_inventory, write_readings

log = structlog.get_logger(__name__)

# What is in a passing state is looked at again at once, until it has stood still for so long. What hangs there is
# looked at every 15 s like everything else.
SOON = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Refreshed:
    """How a refresh ended.

    `changing`: something is in a passing state, and got there lately. `refused`: the location does not let the person
    in; only a discovery can tell more.
    """

    changing: bool = False
    refused: bool = False


def refresh(tenant_id: int, grant: UUID, claim: datetime, *, asked: bool = False) -> Refreshed:
    """Read the tenant as the person of `grant` and writes what differs.

    `claim` is what claims.take() gave; without it, being the one refresh at this time, nothing happens. `asked`: a
    person wants it now: also tries a location whose backoff still runs, and reads everything.
    """
    begun = claims.begin(tenant_id, claim)
    if begun is None:
        return Refreshed()
    tried = False
    try:
        tenant = Tenant.objects.select_related("location", "project").get(pk=tenant_id)
        location = tenant.location
        if not platforms.has_inventory(location) or not location.enabled:
            return Refreshed()
        if not (asked or health.may_try(location)):
            return Refreshed()
        tried = True
        return _refresh(tenant, grant, begun, asked=asked)
    finally:
        claims.release(tenant_id, begun, tried=tried)


def took_too_long(tenant_id: int) -> None:
    """Note that the refresh was ended by its time limit: each answer came in time, but the pages had no end."""
    _tell_all(Tenant.objects.get(pk=tenant_id), "The location took so long that the reading was ended.", "")


def _refresh(tenant: Tenant, grant: UUID, claim: datetime, *, asked: bool) -> Refreshed:
    # Images, flavors, routers, volume types and zones change seldom: seven calls that most refreshes leave out.
    slow = asked or tenant.slow_as_of is None or tenant.slow_as_of < timezone.now() - SLOW_AGE
    reader = Membership.objects.filter(tenant=tenant, user__grants=grant).first()
    platform = platforms.of(tenant.location)
    try:
        seen = platform.read(tenant, grant, slow=slow, reader=reader)
    except SessionEnded:
        log.info("refresh_without_session", tenant_id=tenant.pk)
        return Refreshed()
    except ProviderUnreachable:
        _tell_all(tenant, "The identity provider is not answering, so that nobody can be let in.", "")
        return Refreshed()
    except CloudError as error:
        log.info("refresh_no_token", tenant_id=tenant.pk, reason=error.reason, cloud_request_id=error.request_id)
        if not isinstance(error, errors.OUTAGES):
            return Refreshed(refused=True)
        health.record(tenant.location_id, platform.blame(tenant.location, error))
        _tell_all(tenant, error.reason, error.request_id)
        return Refreshed()

    if not write_inventory(tenant.pk, claim, seen, reader=reader):
        log.warning("refresh_overtaken", tenant_id=tenant.pk)
    outcomes = [health.Outcome(part.service, part.error, part.latency_ms) for part in seen.parts]
    if all(outcome.fault for outcome in outcomes):
        # Whether the whole location is away or all but its entrance, whose last word may be older than the trouble.
        outcomes += platform.ping(tenant.location, entrance=True)
    health.record(tenant.location_id, outcomes, tenant.pk)
    log.info(
        "refreshed",
        tenant_id=tenant.pk,
        calls=seen.calls,
        elapsed_ms=seen.elapsed_ms,
        failed=[error.service for error in seen.errors],
    )
    return Refreshed(changing=figures.is_changing(tenant, since=timezone.now() - SOON))


def _tell_all(tenant: Tenant, reason: str, request_id: str) -> None:
    """No service could be asked: each reading says why, and keeps its time."""
    now = timezone.now()
    known = Reading.objects.filter(tenant=tenant).values_list("service", flat=True)
    changed = write_readings(
        tenant,
        [
            Reading(tenant=tenant, service=service, tried_at=now, reason=reason[:500], request_id=request_id[:80])
            for service in known or platforms.of(tenant.location).reads[:1]
        ],
    )
    if changed:
        tenant.grow()
