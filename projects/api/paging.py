"""Lists: what can be asked of one, and a page of it. Totals are true, and each page names the next."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja.errors import ValidationError
from pydantic import BaseModel, Field

Row = TypeVar("Row", bound=BaseModel)

MOST = 200


class Asked(BaseModel):
    """The part of a page that is asked for."""

    limit: int = Field(50, ge=1, le=MOST, description="Rows of a page.")
    page: int = Field(1, ge=1, le=1_000_000, description="Which page; the first is 1.")


class Page(BaseModel, Generic[Row]):
    """A page of a list."""

    items: list[Row]
    total: int = Field(description="Rows of the whole list, with the filters that were asked for.")
    next: str | None = Field(description="Address of the next page; null on the last one.")


class DatedPage(Page[Row], Generic[Row]):
    """A page of what a service of the cloud told."""

    as_of: datetime | None = Field(description="When this was read from the cloud; null: not read yet.")
    old: bool = Field(description="The service could not be read since: this was true at as_of.")
    reason: str = Field(description="Why it could not be read; empty when all is well.")


def known_only(request: HttpRequest, asked: type[BaseModel]) -> None:
    """422 for parameters that the list does not have: one that is misspelt must not show more than was asked for."""
    unknown = sorted(set(request.GET) - set(asked.model_fields))
    if unknown:
        raise ValidationError([{"loc": ("query", name), "msg": _("There is no such parameter.")} for name in unknown])


def page_of(
    request: HttpRequest, rows: QuerySet[Any], asked: Asked, make: Callable[[Any], BaseModel]
) -> dict[str, Any]:
    """Return the fields of a Page. The order of `rows` has to be total, or a row may be on two pages."""
    begin = (asked.page - 1) * asked.limit
    total = rows.count()
    items: Sequence[Any] = [make(row) for row in rows[begin : begin + asked.limit]]
    more = begin + asked.limit < total
    return {"items": items, "total": total, "next": _next(request, asked) if more else None}


def _next(request: HttpRequest, asked: Asked) -> str:
    query = request.GET.copy()
    query["page"] = str(asked.page + 1)
    return f"{request.path}?{query.urlencode()}"
