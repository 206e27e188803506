"""How pages ask for fresher data: they note that somebody looks, and workers do the rest.

Nothing here calls a cloud, waits for a worker or fails a page: when Redis is away the page shows what it has, dated.
"""

from datetime import datetime, timedelta
from functools import partial
from time import monotonic
from uuid import UUID

import structlog
from django.core.cache import cache
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from portal.celery import app
from portal.identity.vault import live_grant
from projects import platforms
from projects.models import Discovery, Location, Tenant
from projects.refresh import claims

log = structlog.get_logger(__name__)

# Older than this is refreshed when somebody looks.
FRESH = timedelta(seconds=15)
# What changes seldom, and a person's own key pairs, are read when this has passed.
SLOW_AGE = timedelta(minutes=2)
_LOOK_EVERY = timedelta(seconds=10)
# An active person's projects are looked up again when this has passed; beat sees to it every 15 s. So a lost role is
# gone within a minute.
_DISCOVER_SECONDS = 40
REDISCOVER = timedelta(seconds=_DISCOVER_SECONDS)
# Who has not looked for so long is not looked up any more, and their tokens are left alone.
ACTIVE = timedelta(minutes=10)
_NOTE_SECONDS = 30
# Of many that press "Try now" where nothing is read, one asks the location.
_TRY_SECONDS = 2
AWAY = (RedisError, OperationalError)


def look_at(tenant: Tenant, grant: UUID) -> None:
    """Note that somebody looks at the tenant, and has it refreshed when its data is older than 15 s.

    Costs no query when nothing is due. Of many that look at once, one enqueues (a conditional UPDATE).
    """
    now = timezone.now()
    if tenant.looked_at is None or tenant.looked_at < now - _LOOK_EVERY:
        unseen = Q(looked_at=None) | Q(looked_at__lt=now - _LOOK_EVERY)
        Tenant.objects.filter(unseen, pk=tenant.pk).update(looked_at=now)
    if _is_read(tenant) and _due(tenant, now) and not _resting(tenant.location, now):
        request_refresh(tenant.pk, grant, older_than=FRESH)
    _note_person(grant)


def look_at_own(tenant: Tenant, grant: UUID, own_as_of: datetime | None) -> None:
    """Like `look_at`, for a page of the person's own things, which were last read at `own_as_of`.

    The logins of others may read the tenant again and again, and with it their own and not this person's: so that is
    asked for by itself, at most every 15 s.
    """
    look_at(tenant, grant)
    now = timezone.now()
    known = own_as_of is not None and own_as_of > now - SLOW_AGE
    if known or _running(tenant, now) or _resting(tenant.location, now):
        return
    if _mark(f"own:{tenant.pk}:{grant}", int(FRESH.total_seconds())):
        request_refresh(tenant.pk, grant, older_than=timedelta(0))


def try_now(tenant: Tenant, grant: UUID) -> None:
    """Has the tenant refreshed at once, also at a location whose backoff still runs: a person pressed "Try now".

    Where there is no inventory nothing is read but whether the location answers.
    """
    if _is_read(tenant):
        request_refresh(tenant.pk, grant, older_than=timedelta(0), asked=True)
    elif _mark(f"tried:{tenant.location_id}", _TRY_SECONDS):
        transaction.on_commit(partial(_send, "projects.check_location", [tenant.location_id], {}))


def discover_soon(grant: UUID) -> None:
    """Has the person's projects and roles looked up at every location, unless that was asked for in the last 40 s.

    For after the login and the pages that list projects. Of many calls the first sets the mark and enqueues.
    """
    if not _mark(f"discovered:{grant}", _DISCOVER_SECONDS):
        return
    _note_person(grant)
    for location_id in Location.objects.filter(enabled=True).values_list("pk", flat=True):
        transaction.on_commit(partial(_send, "projects.discover", [str(grant), location_id], {}))


def rediscover_active() -> None:
    """Has the memberships of everybody who looked in the last 10 min confirmed, where that is due."""
    now = timezone.now()
    due = Discovery.objects.filter(
        location__enabled=True, looked_at__gt=now - ACTIVE, tried_at__lte=now - REDISCOVER
    ).select_related("user")
    for discovery in due:
        grant = live_grant(discovery.user)
        if grant and _mark(f"rediscovered:{discovery.pk}", _DISCOVER_SECONDS // 2):
            _send("projects.discover", [str(grant), discovery.location_id], {})


def request_refresh(
    tenant_id: int, grant: UUID, *, older_than: timedelta, asked: bool = False, countdown: float = 0
) -> bool:
    """Claims the tenant's refresh and enqueues it. Tells whether this call did: False when not due, or under way.

    `countdown` is in seconds.
    """
    claim = claims.take(tenant_id, older_than=older_than)
    if claim is None:
        return False
    args: list[object] = [tenant_id, str(grant), claim.isoformat()]
    kwargs: dict[str, object] = {"asked": asked}
    transaction.on_commit(partial(_send_or_release, tenant_id, claim, args, kwargs, countdown))
    return True


def refresh_later(tenant_id: int, grant: str, claim: str, *, asked: bool, countdown: float) -> None:
    """Enqueue a refresh once more that has its claim already. `countdown` is in seconds."""
    _send_or_release(tenant_id, datetime.fromisoformat(claim), [tenant_id, grant, claim], {"asked": asked}, countdown)


def _send_or_release(
    tenant_id: int, claim: datetime, args: list[object], kwargs: dict[str, object], wait: float
) -> None:
    if not _send("projects.refresh", args, kwargs, countdown=wait):
        claims.release(tenant_id, claim, tried=False)


def _note_person(grant: UUID) -> None:
    """Note that the person of this login is active, at most every 30 s."""
    now = monotonic()
    if _noted.get(grant, 0) > now:
        return
    if len(_noted) > _NOTED:
        _noted.clear()
    _noted[grant] = now + _NOTE_SECONDS
    if _mark(f"looks:{grant}", _NOTE_SECONDS):
        Discovery.objects.filter(user__grants=grant).update(looked_at=timezone.now())


# Logins that this process need not ask Redis about, and until when (time.monotonic). Threads write the same to it.
_noted: dict[UUID, float] = {}
_NOTED = 10_000


def _mark(name: str, seconds: int) -> bool:
    """Set a mark that falls by itself. True for the one who set it, False when it stands or Redis is away."""
    try:
        return cache.add(name, True, seconds)
    except RedisError:
        log.warning("redis_away", mark=name.partition(":")[0])
        return False


def _send(task: str, args: list[object], kwargs: dict[str, object], countdown: float = 0) -> bool:
    # By name: pages use this module, and what the tasks import talks to clouds.
    try:
        app.send_task(task, args=args, kwargs=kwargs, countdown=countdown or None, retry=False)
    except AWAY:
        log.warning("broker_away", task=task)
        return False
    return True


def _is_read(tenant: Tenant) -> bool:
    """Whether there is an inventory to refresh: of other tenants only memberships are known."""
    return platforms.has_inventory(tenant.location)


def _running(tenant: Tenant, now: datetime) -> bool:
    return tenant.refresh_started_at is not None and tenant.refresh_started_at > now - claims.STALE


def _due(tenant: Tenant, now: datetime) -> bool:
    return not _running(tenant, now) and (tenant.refreshed_at is None or tenant.refreshed_at <= now - FRESH)


def _resting(location: Location, now: datetime) -> bool:
    """Whether the location is down and not to be tried yet."""
    down = location.health == Location.Health.DOWN
    return down and location.next_try_at is not None and location.next_try_at > now
