"""How pages have the register read: they note that somebody looks, and a worker asks the cloud as that person."""

from datetime import timedelta
from uuid import UUID

import structlog
from django.core.cache import cache
from django.utils import timezone

from portal.celery import app
from projects import platforms
from projects.access import Visit
from projects.freshness import AWAY
from projects.models import Location
from services.service_users.models import OwnReading

log = structlog.get_logger(__name__)

# Older than this is read again when its owner looks.
FRESH = timedelta(seconds=30)
_ASKED_SECONDS = 20


def look_at(visit: Visit, grant: UUID) -> OwnReading | None:
    """Return when this person's were last read there; has them read again when that is long ago. None: never yet."""
    location = visit.tenant.location
    reading = OwnReading.objects.filter(user=visit.user, location=location).first()
    now = timezone.now()
    fresh = reading is not None and reading.tried_at > now - FRESH
    if not platforms.has_inventory(location):
        return None
    not_yet = location.next_try_at is not None and location.next_try_at > now
    if not fresh and not (location.health == Location.Health.DOWN and not_yet):
        ask(visit.tenant.pk, visit.user.pk, grant)
    return reading


def ask(tenant_id: int, user_id: int, grant: UUID) -> None:
    """Has a worker read them, unless one was told in the last seconds. Nothing while Redis is away."""
    try:
        if cache.add(f"service-users:{user_id}:{tenant_id}", True, _ASKED_SECONDS):
            app.send_task("service_users.refresh", args=[tenant_id, str(grant)], retry=False)
    except AWAY:
        log.warning("broker_away", task="service_users.refresh")
