"""Tenants: what runs there in figures, what is used of what is allowed, and how fresh all of it is."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router, Status
from pydantic import Field

from projects import access, freshness, platforms
from projects.access import Visit
from projects.api.base import HandleText, KeyText, caller, visit_of
from projects.api.paging import Asked, Page, known_only, page_of
from projects.api.shapes import Shape
from projects.models import Limit, Reading, Role, Tenant
from projects.pages import health

router = Router(tags=["tenants"])

Figures = dict[str, dict[str, int | list[str]]]


class TenantRow(Shape):
    """A project's place at one location."""

    handle: str
    project: str
    location: str
    external_id: str = Field(description="The cloud's id of the project.")
    external_name: str
    role: str = Field(description="What I may do: reader, member or admin.")
    health: str = Field(description="How its location answers: unknown, answers, degraded or down.")
    figures: Figures = Field(description="Headline figures; what was never read is left out.")
    changing: bool = Field(description="Something is in a passing state.")
    as_of: datetime | None = Field(description="Since when all of this is true; null: not read yet.")
    old: bool = Field(description="Not everything is current: `readings` of the tenant say what and why.")


class LimitRow(Shape):
    """One limit. `used` null: the cloud does not say; `allowed` null: it sets none. The unit is in the measure."""

    measure: str
    label: str
    used: int | None
    allowed: int | None


class ReadingRow(Shape):
    """The last word of one service about the tenant."""

    service: str
    as_of: datetime | None
    tried_at: datetime
    reason: str
    request_id: str


class TenantDetail(TenantRow):
    """A tenant with its limits and the last word of each service."""

    running: int = Field(description="Operations on their way.")
    limits: list[LimitRow]
    readings: list[ReadingRow]


@router.get(
    "/tenants", response=Page[TenantRow], operation_id="list_tenants", url_name="list_tenants", summary="My tenants"
)
def index(request: HttpRequest, asked: Annotated[Asked, Query()]) -> Any:
    """All my tenants, in the order of menus. Those that were not read lately are read anew behind this."""
    known_only(request, Asked)
    who = caller(request)
    freshness.discover_soon(who.grant)
    mine = access.with_inventory(who.user).select_related("tenant__project", "tenant__location")
    rows = mine.prefetch_related("tenant__readings")
    page = page_of(request, rows, asked, lambda row: row)
    items = []
    for membership in page["items"]:
        freshness.look_at(membership.tenant, who.grant)
        items.append(TenantRow(**_fields(membership.tenant, Role(membership.role))))
    return Page[TenantRow](**page | {"items": items})


@router.get(
    "/tenants/{handle}", response=TenantDetail, operation_id="get_tenant", url_name="get_tenant", summary="One tenant"
)
def show(request: HttpRequest, handle: HandleText) -> TenantDetail:
    """Return a tenant with its limits, and when and how well each service was read."""
    visit = visit_of(request)
    freshness.look_at(visit.tenant, caller(request).grant)
    readings = visit.tenant.readings.order_by("service")
    return TenantDetail(
        **_fields(visit.tenant, visit.role),
        running=visit.running,
        limits=_limits(visit),
        readings=[ReadingRow.model_validate(one) for one in readings],
    )


@router.post(
    "/tenants/{handle}/try-now",
    response={202: None},
    operation_id="try_now",
    url_name="try_now",
    summary="Read it anew at once",
)
def try_now(request: HttpRequest, handle: HandleText, key: KeyText = "") -> Status[None]:
    """Has the tenant read at once, also where its location is away and would be left alone for a while.

    Doing it twice does no more than doing it once.
    """
    visit = visit_of(request)
    freshness.try_now(visit.tenant, caller(request).grant)
    return Status(202, None)


def _fields(tenant: Tenant, role: Role) -> Mapping[str, Any]:
    fresh = health.Freshness(tenant, _readings(tenant))
    return {
        "handle": tenant.handle,
        "project": tenant.project.slug,
        "location": tenant.location.name,
        "external_id": tenant.external_id,
        "external_name": tenant.external_name,
        "role": role.value,
        "health": tenant.location.health,
        "figures": tenant.figures,
        "changing": tenant.changing,
        "as_of": fresh.as_of,
        "old": fresh.old,
    }


def _readings(tenant: Tenant) -> dict[str, Reading]:
    return {one.service: one for one in tenant.readings.all()}


def _limits(visit: Visit) -> list[LimitRow]:
    found = {one.measure: one for one in Limit.objects.filter(tenant=visit.tenant)}
    return [
        LimitRow(measure=one.key, label=str(one.label), used=found[one.key].used, allowed=found[one.key].allowed)
        for one in platforms.measures()
        if one.key in found
    ]
