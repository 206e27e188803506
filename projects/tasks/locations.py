"""Whether the locations answer, also those that nobody looks at."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from celery import shared_task
from django.db.models import Q
from django.utils import timezone

from clouds.openstack import health as cloud_health
from clouds.openstack.services import Endpoint
from clouds.openstack.services import Service as CloudService
from projects.models import Location, Service
from projects.refresh import health
from services.cloudfoundry import locations as foundations
from services.openstack.locations import endpoints_of

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
        answers = list(pool.map(_ask, due))
    for location, outcomes in zip(due, answers, strict=True):
        health.record(location.pk, outcomes)


@shared_task(name="projects.check_location")
def check_location(location_id: int) -> None:
    """Asks the parts of a foundation at once, whatever its backoff says: a person pressed "Try now"."""
    location = Location.objects.filter(pk=location_id, enabled=True, kind=Location.Kind.CLOUDFOUNDRY).first()
    if location is not None:
        health.record(location.pk, foundations.ask(location))


def _endpoints(location: Location) -> list[Endpoint]:
    """Keystone by its own address, which is known before anybody has logged in, and what the catalogue named."""
    keystone = Endpoint(CloudService.IDENTITY, location.auth_url.rstrip("/"))
    others = [one for one in endpoints_of(location) if one.service is not CloudService.IDENTITY]
    return [keystone, *others]


def _ask(location: Location) -> list[health.Outcome]:
    """How its services answer. No query: the services were fetched with the location."""
    if location.kind == Location.Kind.CLOUDFOUNDRY:
        return foundations.ask(location)
    pings = cloud_health.ping(_endpoints(location), location.ca_bundle)
    return [health.Outcome(Service(one.service.value), one.error, one.latency_ms) for one in pings]
