"""Whether a location answers, as the last calls showed, and when a dead one is tried again."""

import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from clouds import errors
from clouds.errors import CloudError
from portal import metrics
from projects.models import Location, LocationService

FIRST_BACKOFF = timedelta(seconds=5)
LONGEST_BACKOFF = timedelta(minutes=5)
# While one worker tries a dead location again, the others leave it alone for as long as a try may take.
_PROBE = timedelta(seconds=45)
# An answer of a service says nothing of the location any more after this.
_RECENT = timedelta(seconds=90)

# The cloud's own faults. A 401 is one too: it is only recorded after a fresh token was refused by a service that should
# know it. What a policy forbids to one person (403) or what is not there (404) comes from a service that is well.
_FAULTS = (
    errors.Unreachable,
    errors.TimedOut,
    errors.ServerFault,
    errors.Garbled,
    errors.RateLimited,
    errors.Unauthorized,
)
# Those of them that the service itself answered with.
_ANSWERED = (errors.ServerFault, errors.Garbled)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one service's calls went. `latency_ms` is the slowest call's."""

    service: str
    error: CloudError | None
    latency_ms: int | None = None

    @property
    def fault(self) -> CloudError | None:
        """The error, if it is the cloud's own."""
        return self.error if isinstance(self.error, _FAULTS) else None


def may_try(location: Location) -> bool:
    """Whether to call the location now. While it is down, one caller may, each time its backoff has run out."""
    if location.health != Location.Health.DOWN or location.next_try_at is None:
        return True
    now = timezone.now()
    if location.next_try_at > now:
        return False
    ours = Location.objects.filter(pk=location.pk, next_try_at=location.next_try_at)
    return ours.update(next_try_at=now + _PROBE) == 1


def record(location_id: int, outcomes: Iterable[Outcome], tenant_id: int | None = None) -> None:
    """Note how the services answered in a tenant, and what that makes of the location. Without one: in none.

    A service that fails in one tenant and answers others has trouble with that one. Its pages say so, and nothing is
    said of the location.
    """
    tried = list(outcomes)
    if not tried:
        return
    of_one: list[Outcome] = []
    now = timezone.now()
    with transaction.atomic():
        location = Location.objects.select_for_update().get(pk=location_id)
        rows = {row.service: row for row in location.services.all()}
        for outcome in tried:
            row = rows.setdefault(outcome.service, LocationService(location=location, service=outcome.service))
            if _is_of_one_tenant(row, outcome, tenant_id, now):
                of_one.append(outcome)
                row.failed_to = tenant_id
                row.save(update_fields=["failed_to"])
                continue
            if outcome.fault is None:
                row.answered_at, row.answered_to, row.failed_to = now, tenant_id, None
            row.answers = outcome.fault is None
            row.reason = outcome.fault.reason if outcome.fault else ""
            row.latency_ms = outcome.latency_ms if outcome.latency_ms is not None else row.latency_ms
            row.checked_at = now
            row.save()
        if rest := [outcome for outcome in tried if outcome not in of_one]:
            _judge(location, list(rows.values()), rest, now)
    for outcome in tried:
        if outcome.fault:
            metrics.count(metrics.CLOUD_ERRORS, location.name, outcome.service, outcome.fault.code)


def _is_of_one_tenant(row: LocationService, outcome: Outcome, tenant_id: int | None, now: datetime) -> bool:
    """Tell whether a fault is one tenant's: the service answered another one lately, and has failed no other since.

    Only of faults that the service itself answers with. Where it can't be reached, it can't be by anybody.
    """
    return (
        tenant_id is not None
        and isinstance(outcome.fault, _ANSWERED)
        and row.answered_to not in (None, tenant_id)
        and row.answered_at is not None
        and row.answered_at > now - _RECENT
        and row.failed_to in (None, tenant_id)
    )


def _judge(location: Location, rows: list[LocationService], tried: list[Outcome], now: datetime) -> None:
    recent = [row for row in rows if row.checked_at and row.checked_at > now - _RECENT]
    answering = [row for row in recent if row.answers]
    failing = [row for row in recent if not row.answers]
    # When the entrance alone was asked and failed, what the others did a moment ago counts; when several were asked and
    # all failed, one that was not asked this time is no sign of life.
    dead = all(outcome.fault for outcome in tried) and (len(tried) > 1 or not answering)
    if not failing:
        location.health = Location.Health.ANSWERS
    elif dead:
        location.health = Location.Health.DOWN
    else:
        location.health = Location.Health.DEGRADED

    fault = next((outcome.fault for outcome in tried if outcome.fault), None)
    if fault:
        location.reason, location.request_id = fault.reason[:500], fault.request_id[:80]
    elif not failing:
        location.reason, location.request_id = "", ""
    else:
        location.reason, location.request_id = failing[0].reason, ""

    location.checked_at = now
    if any(outcome.fault is None for outcome in tried):
        location.answered_at = now
    location.failing_since = (location.failing_since or now) if failing else None
    if location.health == Location.Health.DOWN:
        location.failures += 1
        location.next_try_at = now + backoff(location.failures)
    else:
        location.failures, location.next_try_at = 0, None
    location.save(
        update_fields=[
            "health",
            "reason",
            "request_id",
            "checked_at",
            "answered_at",
            "failing_since",
            "failures",
            "next_try_at",
        ]
    )


def backoff(failures: int) -> timedelta:
    """How long to leave a location alone after so many failures in a row: 5 s, doubled each time, 5 min at most.

    A fifth more or less by chance, so that the workers of many portals don't come back all at once.
    """
    wait: timedelta = min(LONGEST_BACKOFF, FIRST_BACKOFF * 2 ** min(failures - 1, 10))
    return wait * random.uniform(0.8, 1.2)  # noqa: S311 (no secret)
