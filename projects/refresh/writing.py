"""Writes one reading of a tenant: rows, limits, readings, news, figures and version, in one transaction."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import structlog
from django.db import DataError, IntegrityError, transaction
from django.utils import timezone

from clouds import errors
from projects import figures, platforms
from projects.models import Change, Membership, OperationTarget, Reading, Tenant
from projects.refresh import limits
from projects.refresh.attribution import Operations
from projects.refresh.changes import first_sight, worth_telling
from projects.refresh.differences import Difference, write
from projects.refresh.reading import Filled, Part, Seen

log = structlog.get_logger(__name__)


def write_inventory(tenant_id: int, claim: datetime, seen: Seen, *, reader: Membership | None = None) -> bool:
    """Make the tenant's rows say what was seen, gives the claim back and tells whether the claim was still ours.

    `reader` is the place in the tenant of the person whose login read it: what is of one person is that person's.
    Without one (who is no member any more) it is not written.

    A part that failed keeps its last data; its reading says why. When the claim was lost nothing is written: what
    another worker wrote since is newer.
    """
    with transaction.atomic():
        tenant = Tenant.objects.select_for_update().filter(pk=tenant_id, refresh_started_at=claim).first()
        if tenant is None:
            return False
        before = {reading.service: reading for reading in Reading.objects.filter(tenant=tenant)}
        gone, operations = _seen_going(tenant, seen.as_of), Operations(tenant, seen.as_of)
        readings, differences, first, news, more_changed = [], [], [], [], False
        for part in seen.parts:
            error = part.error
            if error is None:
                try:
                    with transaction.atomic():
                        found = _write_part(tenant, part, seen, gone)
                        more_changed |= limits.write(tenant, part.service, part.limits)
                        more_changed |= _write_own(tenant, reader, part.own, seen)
                except (DataError, IntegrityError, OverflowError):
                    # The types fit, and still the database can't hold it (a negative size, a number of 30 digits).
                    log.exception("reading_unfit", tenant_id=tenant.pk, service=part.service)
                    said = f"{platforms.label_of(part.service)}'s answer has values that can't be."
                    error = errors.Garbled(said, service=part.service)
                else:
                    differences += found
                    earlier = before.get(part.service)
                    if earlier and earlier.as_of:
                        news += operations.attribute(worth_telling(tenant, found, seen.as_of), found)
                    else:
                        first += found
            readings.append(
                Reading(
                    tenant=tenant,
                    service=part.service,
                    as_of=seen.as_of if error is None else None,
                    tried_at=seen.as_of,
                    latency_ms=part.latency_ms,
                    reason=(f"{error.reason} {error.detail}".strip()[:500] if error else ""),
                    request_id=error.request_id[:80] if error else "",
                )
            )
        Change.objects.bulk_create(first_sight(tenant, first, seen.as_of) + news)
        reasons_changed = write_readings(tenant, readings + _no_longer_offered(tenant, before, seen))
        _finish(tenant, readings, bool(differences) or more_changed, reasons_changed, seen)
    return True


def _seen_going(tenant: Tenant, since: datetime, **by: Any) -> frozenset[str]:
    """Return what operations saw going after the reading began: it may still be in it."""
    targets = OperationTarget.objects.filter(operation__tenant=tenant, gone_at__gt=since, **by)
    return frozenset(targets.values_list("external_id", flat=True))


def _no_longer_offered(tenant: Tenant, before: Iterable[str], seen: Seen) -> list[Reading]:
    """Return readings for services that were read once and that the location's catalogue does not name any more."""
    gone = set(before) - {part.service for part in seen.parts} - seen.unasked
    return [
        Reading(tenant=tenant, service=service, tried_at=seen.as_of, reason="The location no longer offers it.")
        for service in sorted(gone)
    ]


def write_readings(tenant: Tenant, readings: list[Reading]) -> bool:
    """Write how the services answered; one that failed keeps the time of its last good reading.

    Tells whether any service's reason is not what it was.
    """
    before = dict(Reading.objects.filter(tenant=tenant).values_list("service", "reason"))
    for good in (True, False):
        rows = [reading for reading in readings if (reading.as_of is not None) is good]
        Reading.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["tenant", "service"],
            update_fields=["tried_at", "latency_ms", "reason", "request_id", *(["as_of"] if good else [])],
        )
    return any(before.get(reading.service) != reading.reason for reading in readings)


def _finish(tenant: Tenant, readings: list[Reading], rows_changed: bool, reasons_changed: bool, seen: Seen) -> None:
    fields: dict[str, Any] = {"refresh_started_at": None, "refreshed_at": timezone.now()}
    if all(reading.as_of for reading in readings):
        fields["as_of"] = seen.as_of
    if seen.slow and all(reading.as_of for reading in readings if reading.service in seen.slow_services):
        fields["slow_as_of"] = seen.as_of
    shown_changed = rows_changed or reasons_changed
    # A service that is read for the first time has a figure from now on, were it zero.
    if rows_changed or reasons_changed or not tenant.figures:
        fields |= {"figures": figures.measure(tenant), "changing": figures.is_changing(tenant)}
        shown_changed |= fields["figures"] != tenant.figures
    if shown_changed:
        tenant.grow(**fields)
    else:
        Tenant.objects.filter(pk=tenant.pk).update(**fields)


def _write_part(tenant: Tenant, part: Part, seen: Seen, gone: frozenset[str]) -> list[Difference]:
    found: list[Difference] = []
    for one in part.rows:
        found += write(tenant, one.model, one.rows, seen.as_of, keep=one.keep, gone=gone, only=one.only)
    return found


def _write_own(tenant: Tenant, reader: Membership | None, own: Sequence[Filled], seen: Seen) -> bool:
    """Write what is the reader's own, and that it was read. Tells whether a page shows anything else by it.

    It is no difference to be told: news goes to all members.
    """
    if reader is None or not own:
        return False
    # Who left the tenant meanwhile has no row to update, and leaves nothing of their own behind.
    place = Membership.objects.filter(pk=reader.pk)
    if not place.update(cloud_user_id=seen.user_id, own_as_of=seen.as_of):
        return False
    changed = reader.own_as_of is None or reader.cloud_user_id != seen.user_id
    for one in own:
        kind = one.model._meta.model_name
        gone = _seen_going(tenant, seen.as_of, operation__user=reader.user_id, kind=kind)
        changed |= bool(write(tenant, one.model, one.rows, seen.as_of, gone=gone, only=one.only))
    return changed
