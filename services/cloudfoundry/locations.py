"""A location of kind Cloud Foundry as the clouds' code takes it: its addresses, from the API root, and its health."""

from collections.abc import Mapping

from django.core.cache import cache

from clouds.cloudfoundry import foundation as api
from clouds.cloudfoundry import health as cloud_health
from clouds.cloudfoundry.foundation import Foundation
from clouds.cloudfoundry.http import Part
from clouds.errors import CloudError
from projects.models import Location, LocationService
from projects.refresh import health

_REDISCOVER_SECONDS = 3600


def addresses_of(location: Location) -> Mapping[Part, str]:
    """Where its parts are, as far as is known; the API root always is."""
    parts = {part.value for part in Part}
    rows = {Part(row.service): row.url for row in location.services.all() if row.service in parts and row.url}
    return {Part.CLOUD_CONTROLLER: location.auth_url, **rows}


def foundation_of(location: Location) -> Foundation:
    """Its addresses. The API root is asked once an hour, for foundations move; CloudError where it does not answer."""
    known = addresses_of(location)
    if len(known) == len(Part) and not cache.add(f"endpoints:{location.pk}", True, _REDISCOVER_SECONDS):
        return Foundation(
            api_url=known[Part.CLOUD_CONTROLLER],
            login_url=known[Part.LOGIN],
            uaa_url=known[Part.UAA],
            ca_bundle=location.ca_bundle,
        )
    try:
        found = api.describe(location.auth_url, location.ca_bundle)
    except CloudError:
        cache.delete(f"endpoints:{location.pk}")
        raise
    keep(location, found)
    return found


def keep(location: Location, found: Foundation) -> None:
    """Write down where the parts of a foundation are."""
    for service, url, version in (
        (Part.CLOUD_CONTROLLER.value, found.api_url, found.version),
        (Part.UAA.value, found.uaa_url, ""),
        (Part.LOGIN.value, found.login_url, ""),
    ):
        LocationService.objects.update_or_create(
            location=location, service=service, defaults={"url": url, "version": version[:20]}
        )


def ask(location: Location) -> list[health.Outcome]:
    """Whether its parts answer: one request to each, without a token."""
    pings = cloud_health.ping(addresses_of(location), location.ca_bundle)
    return [health.Outcome(one.part.value, one.error, one.latency_ms) for one in pings]
