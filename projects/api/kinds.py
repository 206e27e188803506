"""Kinds of things: a list and one of it, made from a declaration, with filters, order and the time of the data."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from django.db.models import (
    BooleanField,
    CharField,
    DateTimeField,
    GenericIPAddressField,
    IntegerField,
    QuerySet,
)
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Query, Router
from ninja.errors import ValidationError
from pydantic import Field, create_model

from portal.ui.shell import Stamp
from projects import access, freshness
from projects.access import Visit
from projects.api.base import HandleText, IdText, caller, visit_of
from projects.api.paging import Asked, DatedPage, known_only, page_of
from projects.api.shapes import Dated
from projects.kinds import Kind
from projects.pages import health
from projects.pages.health import Freshness

# What a list can be put in order by.
_SORTABLE = (CharField, IntegerField, DateTimeField, BooleanField, GenericIPAddressField)


def columns(kind: Kind) -> set[str]:
    """Return the names of the columns that a kind's list can be put in order by."""
    own = {one.name for one in kind.model._meta.fields if isinstance(one, _SORTABLE)}
    return own & _shape(kind).model_fields.keys()


def rows_of(kind: Kind, visit: Visit) -> QuerySet[Any]:
    """Return the rows of a tenant that the person may see."""
    rows = kind.rows(visit.tenant)
    return rows.filter(access.own(visit.user)) if kind.personal else rows


def _shape(kind: Kind) -> type[Dated]:
    if kind.shape is None:
        raise TypeError(f"{kind.key} has no shape in the API.")
    if not issubclass(kind.shape, Dated):
        raise TypeError(f"{kind.key} has a shape without the time of its data.")
    return kind.shape


@dataclass(frozen=True, slots=True)
class _Word:
    """What the services said last about the tenant."""

    fresh: Freshness
    service: str

    @property
    def stamp(self) -> Stamp:
        """When the kind's service was read."""
        return self.fresh.stamp_of(self.service)

    @property
    def reason(self) -> str:
        """Why it could not be read."""
        reading = self.fresh.readings.get(self.service)
        down = self.fresh.tenant.location.reason if self.fresh.down else ""
        return (reading.reason if reading else "") or down


def router_of(kind: Kind) -> Router:
    """Return the router of a kind: the list at its key, and below it one by its id."""
    router = Router(tags=[kind.key])
    asked_model = _asked_of(kind)
    shape: Any = _shape(kind)
    page_model: Any = DatedPage[shape]

    def index(request: HttpRequest, response: HttpResponse, handle: HandleText, asked: Any) -> Any:
        visit, word = _look(request, kind)
        known_only(request, asked_model)
        if unchanged := _unchanged(request, response, visit, word):
            return unchanged
        rows = _ordered(kind, _narrowed(kind, visit, asked), asked.sort)
        page = page_of(request, rows, asked, lambda row: row)
        return page_model(
            **page | {"items": _shaped(kind, visit, page["items"], word)},
            as_of=word.stamp.at, old=word.stamp.old, reason=word.reason,
        )  # fmt: skip

    def show(request: HttpRequest, response: HttpResponse, handle: HandleText, external_id: IdText) -> Any:
        visit, word = _look(request, kind)
        row = rows_of(kind, visit).filter(external_id=external_id).first()
        if row is None:
            raise Http404
        return _unchanged(request, response, visit, word) or _shaped(kind, visit, [row], word)[0]

    index.__annotations__["asked"] = Annotated[asked_model, Query()]
    plural = kind.key.replace("-", "_")
    router.get(
        f"/{kind.key}",
        response={200: page_model, 304: None},
        operation_id=f"list_{plural}",
        url_name=f"list_{plural}",
        summary=f"List {kind.key.replace('-', ' ')}",
    )(index)
    if kind.has_page:
        router.get(
            f"/{kind.key}/{{external_id}}",
            response={200: _shape(kind), 304: None},
            operation_id=f"get_{kind.one.replace(' ', '_')}",
            url_name=f"get_{kind.one.replace(' ', '_')}",
            summary=f"Show one {kind.one}",
        )(show)
    return router


def _asked_of(kind: Kind) -> type[Asked]:
    """Return the parameters of a kind's list."""
    fields: dict[str, Any] = {
        "q": (str, Field("", max_length=200, description="A word in the name or at the beginning of the id.")),
        "name": (str, Field("", max_length=256, description="Exactly this name.")),
        "sort": (
            str,
            Field("name", description=f"A field, or -field for descending: {', '.join(sorted(columns(kind)))}."),
        ),
    }
    if "status" in _shape(kind).model_fields:
        fields["status"] = (list[str], Field([], description="In one of these states, as the cloud writes them."))
    return create_model(f"{kind.model.__name__}Asked", __base__=Asked, **fields)


def _look(request: HttpRequest, kind: Kind) -> tuple[Visit, _Word]:
    """Return the tenant, which is read anew behind this where that is due, and how old what is known of the kind is."""
    visit = visit_of(request)
    grant = caller(request).grant
    fresh = health.freshness_of(visit.tenant)
    if kind.personal:
        freshness.look_at_own(visit.tenant, grant, visit.own_as_of)
        fresh = fresh.dated(kind.service, visit.own_as_of)
    else:
        freshness.look_at(visit.tenant, grant)
    return visit, _Word(fresh, kind.service)


def _unchanged(request: HttpRequest, response: HttpResponse, visit: Visit, word: _Word) -> HttpResponse | None:
    """304 for who has this already. What is given depends on the tenant's version, its data's age and the person."""
    stamp = word.stamp
    at = stamp.at.isoformat() if stamp.at else ""
    tag = f'W/"{visit.tenant.version}.{visit.user.pk}.{int(stamp.old)}.{at}"'
    response["ETag"] = tag
    response["Cache-Control"] = "private, no-cache"
    if tag not in request.headers.get("If-None-Match", ""):
        return None
    same = HttpResponse(status=304)
    same["ETag"] = tag
    return same


def _narrowed(kind: Kind, visit: Visit, asked: Any) -> QuerySet[Any]:
    rows = rows_of(kind, visit)
    if asked.q.strip():
        rows = rows.filter(kind.search(asked.q.strip()))
    if asked.name:
        rows = rows.filter(name=asked.name)
    if getattr(asked, "status", None):
        rows = rows.filter(status__in=asked.status)
    return rows


def _ordered(kind: Kind, rows: QuerySet[Any], sort: str) -> QuerySet[Any]:
    """In the order that is asked for; ties by name, then id, so that pages are stable."""
    if sort.removeprefix("-") not in columns(kind):
        said = _("There is no such field to sort by. There is %(fields)s.")
        raise ValidationError([{"loc": ("query", "sort"), "msg": said % {"fields": ", ".join(sorted(columns(kind)))}}])
    return rows.order_by(sort, "name", "external_id", "pk")


def _shaped(kind: Kind, visit: Visit, rows: Sequence[Any], word: _Word) -> list[Dated]:
    beside = kind.beside(visit.tenant, rows)
    found = []
    for row in rows:
        for name, value in kind.more(row, beside).items():
            setattr(row, name, value)
        # Zones are of two services.
        stamp = word.fresh.stamp_of(getattr(row, "service", word.service))
        row.as_of, row.old = stamp.at, stamp.old
        found.append(_shape(kind).model_validate(row))
    return found
