"""Finding things of mine anywhere, by name, id or address."""

from collections.abc import Mapping
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router
from pydantic import Field

from projects import access
from projects.api.base import ROOT, caller
from projects.api.paging import known_only
from projects.api.shapes import Shape
from projects.kinds import Kind
from projects.models import Tenant
from projects.pages.search import kinds

router = Router(tags=["search"])


class Hit(Shape):
    """A thing that the word fits; `url` is where it is in the API."""

    tenant: str
    external_id: str
    name: str
    url: str


class Hits(Shape):
    """Hits of one kind: the first of them, and how many there are."""

    kind: str
    total: int
    items: list[Hit]


class SearchAsked(Shape):
    """What is looked for."""

    q: str = Field(min_length=1, max_length=200)
    limit: int = Field(8, ge=1, le=50, description="Hits of each kind.")


@router.get("/search", response=list[Hits], operation_id="search", url_name="search", summary="Find things of mine")
def show(request: HttpRequest, asked: Annotated[SearchAsked, Query()]) -> Any:
    """Things in all my tenants, by kind."""
    known_only(request, SearchAsked)
    user = caller(request).user
    mine = access.memberships(user).select_related("tenant__project", "tenant__location")
    tenants = {one.tenant_id: one.tenant for one in mine}
    found = []
    for kind in kinds():
        rows = kind.model._default_manager.filter(kind.search(asked.q), tenant__in=tenants)
        rows = rows.filter(access.own(user)) if kind.personal else rows
        hits = _hits(kind, tenants, rows.order_by("name", "external_id", "pk")[: asked.limit])
        found.append(Hits(kind=kind.key, total=rows.count(), items=hits))
    return [one for one in found if one.total]


def _hits(kind: Kind, tenants: Mapping[int, Tenant], rows: Any) -> list[Hit]:
    return [
        Hit(
            tenant=(handle := tenants[row.tenant_id].handle),
            external_id=row.external_id,
            name=kind.label(row),
            url=f"{ROOT}/tenants/{handle}/{kind.key}/{row.external_id}",
        )
        for row in rows
    ]
