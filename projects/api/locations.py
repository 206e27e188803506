"""Locations: where they are, how they answer."""

from collections import defaultdict
from datetime import datetime
from typing import Annotated, Any

from django.http import Http404, HttpRequest
from ninja import Query, Router
from pydantic import Field

from portal.identity.models import User
from projects import access
from projects.api.base import caller
from projects.api.paging import Asked, Page, known_only, page_of
from projects.api.shapes import Shape
from projects.models import Location, LocationService

router = Router(tags=["locations"])


class LocationRow(Shape):
    """A location and how it answers. `health`: unknown, answers, degraded (in part) or down."""

    name: str
    kind: str
    health: str
    reason: str = Field(description="Why it is not well.")
    request_id: str
    answered_at: datetime | None
    checked_at: datetime | None
    failing_since: datetime | None
    next_try_at: datetime | None
    status_page: str
    support: str
    tenants: list[str] = Field([], description="Handles of my tenants there.")


class ServiceRow(Shape):
    """One service of a location, as the last check found it."""

    service: str
    version: str
    min_microversion: str
    max_microversion: str
    answers: bool | None = Field(description="Null: not asked yet.")
    latency_ms: int | None
    reason: str
    checked_at: datetime | None


class LocationDetail(LocationRow):
    """A location with its services."""

    region: str
    services: list[ServiceRow]


@router.get(
    "/locations",
    response=Page[LocationRow],
    operation_id="list_locations",
    url_name="list_locations",
    summary="All locations",
)
def index(request: HttpRequest, asked: Annotated[Asked, Query()]) -> Any:
    """All locations with their health, in the order of menus."""
    known_only(request, Asked)
    mine = _mine(caller(request).user)
    rows = Location.objects.filter(enabled=True).order_by("position", "name")

    def make(row: Location) -> LocationRow:
        return LocationRow.model_validate(_with(row, mine[row.pk]))

    return Page[LocationRow](**page_of(request, rows, asked, make))


@router.get(
    "/locations/{name}",
    response=LocationDetail,
    operation_id="get_location",
    url_name="get_location",
    summary="One location with its services",
)
def show(request: HttpRequest, name: str) -> LocationDetail:
    """Return a location, for who has a tenant there and for operators; 404 for everyone else."""
    user = caller(request).user
    row = Location.objects.filter(enabled=True, name=name).first()
    tenants = _mine(user)[row.pk] if row else []
    if row is None or not (tenants or user.is_staff):
        raise Http404
    services = list(LocationService.objects.filter(location=row))
    fields = LocationRow.model_validate(_with(row, tenants)).model_dump()
    shown = [ServiceRow.model_validate(one) for one in services]
    return LocationDetail(**fields, region=row.region, services=shown)


def _with(row: Location, tenants: list[str]) -> dict[str, Any]:
    fields = {name: getattr(row, name) for name in LocationRow.model_fields if name != "tenants"}
    return {**fields, "tenants": tenants}


def _mine(user: User) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    for membership in access.memberships(user).select_related("tenant__project", "tenant__location"):
        found[membership.tenant.location_id].append(membership.tenant.handle)
    return found
