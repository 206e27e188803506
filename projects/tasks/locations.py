"""Whether the locations answer, also those that nobody looks at."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from celery import shared_task
from django.db.models import Q
from django.utils import timezone

from projects import platforms
from projects.models import Location
from projects.refresh import health

# Refreshes tell more than a ping: a location that one has just been at is left alone.
_LATELY = timedelta(seconds=50)
_PARALLEL = 8


@shared_task(name="projects.check_locations")
def check_locations() -> None:
    """Pings the services of each location that no refresh has been at lately; a dead one when its backoff is over."""
    stale = Q(checked_at=None) | Q(checked_at__lt=timezone.now() - _LATELY)
    there = Location.objects.filter(stale, enabled=True).prefetch_related("services")
    due = [location for location in there if health.may_try(location)]
    with ThreadPoolExecutor(_PARALLEL, thread_name_prefix="check") as pool:
        answers = list(pool.map(lambda one: platforms.of(one).ping(one), due))
    for location, outcomes in zip(due, answers, strict=True):
        health.record(location.pk, outcomes)


@shared_task(name="projects.check_location")
def check_location(location_id: int) -> None:
    """Asks the services of one at once, whatever its backoff says: a person pressed "Try now"."""
    location = Location.objects.filter(pk=location_id, enabled=True).first()
    if location is not None:
        health.record(location.pk, platforms.of(location).ping(location))
