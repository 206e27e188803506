"""One refresh of one tenant, as one person's login."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.utils import timezone

from clouds import errors
from clouds.errors import CloudError
from clouds.openstack import inventory, session
from clouds.openstack.inventory import Inventory
from clouds.openstack.inventory.compute import Flavor as SeenFlavor
from clouds.openstack.services import EMBEDDED_FLAVOR, Endpoint
from clouds.openstack.services import Service as CloudService
from clouds.openstack.session import AuthState
from portal.identity.errors import ProviderUnreachable, SessionEnded
from projects import figures
from projects.freshness import SLOW_AGE
from projects.models import Location, Membership, Reading, Service, Tenant
from projects.refresh import claims, health
from projects.refresh.inventory import write_inventory, write_readings
from services.openstack import tokens
from services.openstack.locations import discover_endpoints, endpoints_of, federation_of

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
    """Reads the tenant as the person of `grant` and writes what differs.

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
        if location.kind != Location.Kind.OPENSTACK or not location.enabled:
            return Refreshed()
        if not (asked or health.may_try(location)):
            return Refreshed()
        tried = True
        return _refresh(tenant, grant, begun, asked=asked)
    finally:
        claims.release(tenant_id, begun, tried=tried)


def took_too_long(tenant_id: int) -> None:
    """The refresh was ended by its time limit: each answer came in time, but there was no end of pages."""
    _tell_all(Tenant.objects.get(pk=tenant_id), "The location took so long that the reading was ended.", "")


def _refresh(tenant: Tenant, grant: UUID, claim: datetime, *, asked: bool) -> Refreshed:
    # Images, flavors, routers, volume types and zones change seldom: seven calls that most refreshes leave out.
    slow = asked or tenant.slow_as_of is None or tenant.slow_as_of < timezone.now() - SLOW_AGE
    reader = Membership.objects.filter(tenant=tenant, user__grants=grant).first()
    try:
        state = tokens.recall(tenant, grant)
        recalled = state is not None
        state = state or tokens.fetch(tenant, grant)
        own = reader is not None and _own_due(reader, state)
        seen = _read(tenant, state, slow=slow, own=own)
        if recalled and any(isinstance(error, errors.Unauthorized) for error in seen.errors):
            # Ended before its time: a role was lost, or the cloud's keys were changed. Once more with a new token.
            tokens.forget(tenant, grant)
            seen = _read(tenant, tokens.fetch(tenant, grant), slow=slow, own=own)
    except SessionEnded:
        log.info("refresh_without_session", tenant_id=tenant.pk)
        return Refreshed()
    except ProviderUnreachable:
        _tell_all(tenant, "The identity provider is not answering, so that nobody can be let in.", "")
        return Refreshed()
    except CloudError as error:
        log.info("refresh_no_token", tenant_id=tenant.pk, reason=error.reason, cloud_request_id=error.request_id)
        if not isinstance(error, health.OUTAGES):
            return Refreshed(refused=True)
        health.record(tenant.location_id, [health.Outcome(Service.IDENTITY, error)])
        _tell_all(tenant, error.reason, error.request_id)
        return Refreshed()

    if not write_inventory(tenant.pk, claim, seen, slow=slow, reader=reader):
        log.warning("refresh_overtaken", tenant_id=tenant.pk)
    outcomes = [health.Outcome(Service(part.service.value), part.error, part.latency_ms) for part in seen.parts]
    if all(outcome.fault for outcome in outcomes):
        # Whether the whole location is away or all but Keystone: its last word may be older than the trouble.
        outcomes += health.ask_keystone(tenant.location)
    health.record(tenant.location_id, outcomes)
    log.info(
        "refreshed",
        tenant_id=tenant.pk,
        calls=seen.calls,
        elapsed_ms=seen.elapsed_ms,
        failed=[error.service for error in seen.errors],
    )
    return Refreshed(changing=figures.is_changing(tenant, since=timezone.now() - SOON))


def _own_due(reader: Membership, state: AuthState) -> bool:
    """Whether the person's own key pairs are to be read, which the logins of others do not: one call."""
    known = reader.own_as_of if reader.cloud_user_id == state.user_id else None
    return known is None or known < timezone.now() - SLOW_AGE


def _read(tenant: Tenant, state: AuthState, *, slow: bool, own: bool) -> Inventory:
    endpoints = endpoints_of(tenant.location) or discover_endpoints(tenant.location, state)
    with session.connect(federation_of(tenant.location), state, endpoints) as connection:
        return inventory.read(
            connection,
            slow=slow,
            key_pairs=own,
            flavors=_known_flavors(tenant, endpoints),
            image_names=dict(tenant.images.values_list("external_id", "name")),
        )


def _known_flavors(tenant: Tenant, endpoints: list[Endpoint]) -> dict[str, SeenFlavor]:
    """What the last slow reading found, for clouds whose servers name only their flavor's id."""
    spoken = next((one.microversion for one in endpoints if one.service is CloudService.COMPUTE), None)
    if spoken is not None and spoken >= EMBEDDED_FLAVOR:
        return {}
    return {
        row["external_id"]: SeenFlavor(**row)
        for row in tenant.flavors.values("external_id", "name", "vcpus", "ram_mb", "disk_gb", "ephemeral_gb", "public")
    }


def _tell_all(tenant: Tenant, reason: str, request_id: str) -> None:
    """No service could be asked: each reading says why, and keeps its time."""
    now = timezone.now()
    known = Reading.objects.filter(tenant=tenant).values_list("service", flat=True)
    changed = write_readings(
        tenant,
        [
            Reading(tenant=tenant, service=service, tried_at=now, reason=reason[:500], request_id=request_id[:80])
            for service in known or [Service.COMPUTE]
        ],
    )
    if changed:
        tenant.grow()
