"""Whether the locations answer, also those that nobody looks at."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from celery import shared_task
from django.db.models import Q
from django.utils import timezone

from clouds.openstack import health as cloud_health
from clouds.openstack.health import Ping
from clouds.openstack.services import Endpoint
from clouds.openstack.services import Service as CloudService
from projects.locations import endpoints_of
from projects.models import Location, Service
from projects.refresh import health

# Refreshes tell more than a ping: a location that one has just been at is left alone.
_LATELY = timedelta(seconds=50)
_PARALLEL = 8


@shared_task(name="projects.check_locations")
def check_locations() -> None:
    """Pings the services of each location that no refresh has been at lately; a dead one when its backoff is over."""
    stale = Q(checked_at=None) | Q(checked_at__lt=timezone.now() - _LATELY)
    there = Location.objects.filter(stale, enabled=True, kind=Location.Kind.OPENSTACK)
    due = [location for location in there.prefetch_related("services") if health.may_try(location)]
    asked = [(location, _endpoints(location)) for location in due]
    if not asked:
        return
    with ThreadPoolExecutor(_PARALLEL, thread_name_prefix="check") as pool:
        answers = list(pool.map(lambda one: _ping(*one), asked))
    for (location, _), pings in zip(asked, answers, strict=True):
        health.record(
            location.pk,
            [health.Outcome(Service(ping.service.value), ping.error, ping.latency_ms) for ping in pings],
        )


def _endpoints(location: Location) -> list[Endpoint]:
    """Keystone by its own address, which is known before anybody has logged in, and what the catalogue named."""
    keystone = Endpoint(CloudService.IDENTITY, location.auth_url.rstrip("/"))
    others = [one for one in endpoints_of(location) if one.service is not CloudService.IDENTITY]
    return [keystone, *others]


def _ping(location: Location, endpoints: list[Endpoint]) -> list[Ping]:
    return cloud_health.ping(endpoints, location.ca_bundle)
