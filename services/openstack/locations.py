"""A location's row as the clouds' code takes it: its federation, its region and its endpoints."""

from django.core.cache import cache

from clouds import errors
from clouds.openstack import catalog, session
from clouds.openstack.services import Endpoint
from clouds.openstack.services import Service as CloudService
from clouds.openstack.session import AuthState, Federation
from projects.models import Location, LocationService
from projects.platforms import UnsettledError

_REDISCOVER_SECONDS = 3600
_RETRY_SECONDS = 30


def federation_of(location: Location) -> Federation:
    """How the location lets people in."""
    return Federation(
        auth_url=location.auth_url,
        identity_provider=location.identity_provider,
        protocol=location.protocol,
        region=location.region,
        interface=location.interface,
        ca_bundle=location.ca_bundle,
    )


def endpoints_of(location: Location) -> list[Endpoint]:
    """Return the services that can be called, as the last discovery found them."""
    return [
        Endpoint(
            CloudService(row.service), row.url, row.version, row.min_microversion, row.max_microversion, row.s3_url
        )
        for row in location.services.all()
        if row.url
    ]


class RegionNeededError(UnsettledError):
    """The cloud has several regions, and the location does not say which of them it is."""

    def __init__(self, location: Location, regions: list[str]) -> None:
        super().__init__(
            f"{location.name} has several regions ({', '.join(regions)}): its operator has to name one of them."
        )
        self.regions = regions


def settle_region(location: Location, state: AuthState) -> None:
    """Give the location the region of the catalogue, where it has none yet and there is one only.

    RegionNeededError where there are several: to take any would show somebody else's servers tomorrow.
    """
    if location.region:
        return
    there = catalog.regions(state)
    if len(there) > 1:
        raise RegionNeededError(location, there)
    if there:
        location.region = there[0]
        location.save(update_fields=["region"])


def discover_endpoints(location: Location, state: AuthState) -> list[Endpoint]:
    """Return the endpoints in the catalogue of a scoped token; asked once an hour, for clouds move and are upgraded.

    A service that does not answer keeps what is known of it, and is asked again soon.
    """
    known = endpoints_of(location)
    marker = f"endpoints:{location.pk}"
    if known and not cache.add(marker, True, _REDISCOVER_SECONDS):
        return known
    with session.connect(federation_of(location), state) as connection:
        found = catalog.discover(connection)
    for endpoint in found.endpoints:
        LocationService.objects.update_or_create(
            location=location,
            service=endpoint.service.value,
            defaults={
                "url": endpoint.url,
                "version": endpoint.version[:20],
                "min_microversion": endpoint.min_microversion[:10],
                "max_microversion": endpoint.max_microversion[:10],
                "s3_url": endpoint.s3_url[:500],
            },
        )
    gone = [service.value for service, fault in found.faults.items() if isinstance(fault, errors.NotFound)]
    LocationService.objects.filter(location=location, service__in=gone).delete()
    complete = len(gone) == len(found.faults)
    cache.set(marker, True, _REDISCOVER_SECONDS if complete else _RETRY_SECONDS)
    return endpoints_of(location)
