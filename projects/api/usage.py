"""Usage over time: limits as they stood, every five minutes."""

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router
from pydantic import AfterValidator, AwareDatetime, Field

from projects import freshness, platforms
from projects.api.base import HandleText, caller, visit_of
from projects.api.paging import Asked, Page, known_only, page_of
from projects.api.shapes import Shape
from projects.models import UsageSample

router = Router(tags=["usage"])


class SampleRow(Shape):
    """A limit at a time. A time without a sample is a gap: nobody could or did look."""

    measure: str
    at: datetime
    used: int
    allowed: int | None


def _known(measure: str) -> str:
    keys = [one.key for one in platforms.measures()]
    if measure not in keys:
        raise ValueError(f"There is no such measure. There is {', '.join(keys)}.")
    return measure


class UsageAsked(Asked):
    """What can be asked of the list."""

    limit: int = Field(1000, ge=1, le=5000, description="Rows of a page.")
    measure: list[Annotated[str, AfterValidator(_known)]] = []
    since: AwareDatetime | None = Field(None, description="At this time or later.")
    until: AwareDatetime | None = Field(None, description="Before this.")


@router.get(
    "/usage", response=Page[SampleRow], operation_id="list_usage", url_name="list_usage", summary="Usage over time"
)
def index(request: HttpRequest, handle: HandleText, asked: Annotated[UsageAsked, Query()]) -> Any:
    """Return samples by time, the oldest first: every five minutes for 8 days, then one an hour for 100 days."""
    visit = visit_of(request)
    known_only(request, UsageAsked)
    freshness.look_at(visit.tenant, caller(request).grant)
    rows = UsageSample.objects.filter(tenant=visit.tenant).order_by("at", "measure")
    if asked.measure:
        rows = rows.filter(measure__in=asked.measure)
    if asked.since:
        rows = rows.filter(at__gte=asked.since)
    if asked.until:
        rows = rows.filter(at__lt=asked.until)
    return Page[SampleRow](**page_of(request, rows, asked, SampleRow.model_validate))
