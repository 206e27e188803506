"""What changed lately, as refreshes saw it, whoever made it."""

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router
from pydantic import AwareDatetime, Field

from projects import freshness
from projects.api.base import HandleText, caller, visit_of
from projects.api.paging import Asked, Page, known_only, page_of
from projects.api.shapes import Shape
from projects.models import Change

router = Router(tags=["changes"])


class ChangeRow(Shape):
    """One difference. `fields` has the old and the new value of each that is worth telling.

    `origin` says whose work it is: outside Meshdeck, a result of the `operation`, or unclear, where either may be true.
    """

    seen_at: datetime
    verb: str = Field(description="appeared, changed or vanished")
    kind: str = Field(description="server, volume, snapshot, securitygroup …")
    external_id: str
    name: str
    fields: dict[str, list[Any]]
    origin: str = Field(description="outside, result or unclear")
    operation: str | None = Field(
        validation_alias="cause_id", description="The operation that it results from, or may result from."
    )


class ChangesAsked(Asked):
    """What can be asked of the list."""

    kind: str = Field("", max_length=30)
    external_id: str = Field("", max_length=256)
    verb: str = Field("", max_length=10)
    since: AwareDatetime | None = Field(None, description="Seen at this time or later.")
    until: AwareDatetime | None = Field(None, description="Seen before this; keeps pages apart while more is seen.")


@router.get(
    "/changes",
    response=Page[ChangeRow],
    operation_id="list_changes",
    url_name="list_changes",
    summary="What changed lately",
)
def index(request: HttpRequest, handle: HandleText, asked: Annotated[ChangesAsked, Query()]) -> Any:
    """Change of the last 30 days, the newest first."""
    visit = visit_of(request)
    known_only(request, ChangesAsked)
    freshness.look_at(visit.tenant, caller(request).grant)
    rows = Change.objects.filter(tenant=visit.tenant)
    for name in ("kind", "external_id", "verb"):
        if value := getattr(asked, name):
            rows = rows.filter(**{name: value})
    if asked.since:
        rows = rows.filter(seen_at__gte=asked.since)
    if asked.until:
        rows = rows.filter(seen_at__lt=asked.until)
    return Page[ChangeRow](**page_of(request, rows, asked, ChangeRow.model_validate))
