"""Locations, their health, and the tenants in them."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from clouds.openstack.services import Service as CloudService
from projects.models import Location, LocationService, Project, Reading, Tenant
from services.openstack.words import Service
from tests.factories.rows import ident


def location(name: str, position: int = 0, **values: Any) -> Location:
    """Create a location that answers, with its services."""
    now = timezone.now()
    base = 15000 + 1000 * position
    values = {
        "auth_url": f"http://127.0.0.1:{base}/v3",
        "region": name,
        "identity_provider": "meshdeck",
        "health": Location.Health.ANSWERS,
        "answered_at": now,
        "checked_at": now,
    } | values
    place = Location.objects.create(name=name, position=position, **{"kind": "openstack"} | values)
    for offset, (service, version, micro, latency) in enumerate(
        [
            (Service.IDENTITY, "3.14", "", 212),
            (Service.COMPUTE, "2.1", "2.103", 320),
            (Service.NETWORK, "2.0", "", 180),
            (Service.BLOCK_STORAGE, "3.0", "3.71", 340),
            (Service.IMAGE, "2.17", "", 96),
            (Service.OBJECT_STORE, "1.0", "", 88),
        ]
    ):
        LocationService.objects.create(
            location=place,
            service=service,
            url=f"http://127.0.0.1:{base + offset}",
            version=version,
            min_microversion="2.1" if micro else "",
            max_microversion=micro,
            answers=True,
            latency_ms=latency,
            checked_at=now,
        )
    return place


def down(place: Location, minutes: int = 23) -> None:
    """Set the location down for this long; compute and network time out, the others answer."""
    now = timezone.now()
    Location.objects.filter(pk=place.pk).update(
        health=Location.Health.DOWN,
        reason="compute and networking time out after 10 s, identity answers",
        request_id="req-7f3c1e",
        failing_since=now - timedelta(minutes=minutes),
        answered_at=now - timedelta(minutes=minutes),
        failures=4,
        next_try_at=now + timedelta(seconds=42),
    )
    for service in (Service.COMPUTE, Service.NETWORK):
        place.services.filter(service=service).update(answers=False, reason="timed out after 10.0 s", latency_ms=10_000)
    Tenant.objects.filter(location=place).update(as_of=now - timedelta(minutes=minutes))
    Reading.objects.filter(tenant__location=place).update(as_of=now - timedelta(minutes=minutes))
    place.refresh_from_db()


def tenant(project: Project, place: Location, **values: Any) -> Tenant:
    """Create a tenant that was just read, so that viewing it starts no refresh."""
    now = timezone.now()
    values = {"as_of": now, "refreshed_at": now, "looked_at": now} | values
    made = Tenant.objects.create(
        project=project,
        location=place,
        external_id=ident(f"{project.slug}@{place.name}").replace("-", ""),
        external_name=project.name,
        **values,
    )
    for service in map(Service, CloudService):
        Reading.objects.create(tenant=made, service=service, as_of=made.as_of, tried_at=now, latency_ms=120)
    return made
