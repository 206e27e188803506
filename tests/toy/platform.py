"""The toy as a platform: everybody who is logged in is a member of each house."""

from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from django.utils import timezone

from clouds.errors import CloudError
from projects.models import Location, LocationService, Membership, Tenant
from projects.platforms import Admitted, Discovered, Examined, Link, Measure, Place, Platform, Service
from projects.refresh.health import Outcome
from projects.refresh.reading import Filled, Part, Seen
from tests.toy.house import HOUSES, House
from tests.toy.models import Lamp

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit as the toy tells it."""

    measure: str
    used: int | None
    allowed: int | None


class Toy(Platform[House]):
    """Houses full of lamps."""

    key = "toy"
    label = "Toy"
    services = (Service("lamps", "Lamps", "Toy"),)
    measures = (Measure("watts", "Watts", "lamps", place=1, plot=1),)
    entrance = "lamps"
    reads = ("lamps",)
    connection = ("auth_url",)

    def as_person(
        self,
        tenant: Tenant,
        grant: UUID,
        work: Callable[[House], T],
        *,
        request_id: str | None = None,
        seconds: float | None = None,
    ) -> T:
        return work(HOUSES[tenant.external_name])

    def discover(self, location: Location, grant: UUID) -> Discovered:
        LocationService.objects.update_or_create(
            location=location, service="lamps", defaults={"url": location.auth_url}
        )
        admitted = [Admitted(Place(f"id-{name}", name), ["member"], "toy-person") for name in HOUSES]
        return Discovered(admitted, answered=["lamps"])

    def read(self, tenant: Tenant, grant: UUID, *, slow: bool, reader: Membership | None) -> Seen:
        began, house = timezone.now(), HOUSES[tenant.external_name]
        try:
            lamps = house.all()
        except CloudError as error:
            return Seen(began, "toy-person", [Part("lamps", 1, error)])
        watts = sum(lamp.watts for lamp in lamps if lamp.status == "on")
        part = Part("lamps", 1, rows=[Filled(Lamp, lamps)], limits=[Limit("watts", watts, 100)])
        return Seen(began, "toy-person", [part], slow=slow, slow_services=frozenset({"lamps"}))

    def ping(self, location: Location, *, entrance: bool = False) -> list[Outcome]:
        return [Outcome("lamps", None, 1)]

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Nothing of its own."""

    def given(self, options: Mapping[str, Any]) -> dict[str, Any]:
        return {}

    def examine(self, given: Mapping[str, Any], access_token: str | None = None) -> Examined:
        return Examined(dict(given))

    def described(self, location: Location) -> Iterator[str]:
        yield "everybody comes in"

    def check(self, location: Location, access_token: str | None) -> Iterator[Link]:
        yield from ()
