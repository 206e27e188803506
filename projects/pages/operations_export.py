"""Operations as CSV and as JSON: all that a filter lets through, sent while they are read."""

import csv
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase

from projects.models import Operation, OperationTarget, Tenant
from projects.pages import sentences as telling
from projects.pages.listing import cell

_CHUNK = 500
# What a person wrote into a server, which may be long and is nobody's business but the server's.
_LEFT_OUT = frozenset({"user_data"})
COLUMNS = (
    "id",
    "what",
    "action",
    "state",
    "asked_by",
    "via",
    "asked_at",
    "started_at",
    "accepted_at",
    "ended_at",
    "seconds",
    "reason",
    "detail",
    "note",
    "code",
    "request_id",
    "cancelled_by",
    "retry_of",
    "undo_of",
)


def record(operation: Operation) -> dict[str, Any]:
    """All that is kept of an operation. Times are ISO 8601 in UTC."""
    times = "asked_at", "started_at", "accepted_at", "ended_at"
    return {
        "id": operation.pk,
        "what": telling.title_of(operation),
        "action": operation.action,
        "state": operation.state,
        "asked_by": operation.asked_by,
        "via": operation.via,
        **{name: at.isoformat() if (at := getattr(operation, name)) else None for name in times},
        "seconds": round(telling.span_of(operation).total_seconds(), 3) if operation.ended_at else None,
        "reason": operation.reason,
        "detail": operation.detail,
        "note": operation.note,
        "code": operation.code,
        "request_id": operation.request_id,
        "cancelled_by": operation.cancelled_by.username if operation.cancelled_by else None,
        "retry_of": operation.retry_of_id,
        "undo_of": operation.undo_of_id,
        "targets": [
            {"kind": one.kind, "id": one.external_id, "name": operation.names.get(one.external_id, "")}
            for one in operation.targets.all()
        ],
        "params": {key: value for key, value in operation.params.items() if key not in _LEFT_OUT},
        "steps": operation.steps,
    }


class _Line:
    """Where csv writes a line to, to be sent at once."""

    def write(self, text: str) -> str:
        """Return the line itself."""
        return text


def as_csv(tenant: Tenant, rows: QuerySet[Operation]) -> HttpResponseBase:
    """Return a line for each; the things as `kind:id`. Steps and what was asked for are in the JSON only."""

    def lines() -> Iterator[str]:
        writer = csv.writer(_Line())
        yield writer.writerow([*COLUMNS, "targets"])
        for one in map(record, _all(rows)):
            targets = " ".join(f"{target['kind']}:{target['id']}" for target in one["targets"])
            yield writer.writerow([cell(value) for value in (*(one[key] for key in COLUMNS), targets)])

    return _file(tenant, "csv", "text/csv; charset=utf-8", lines())


def as_json(tenant: Tenant, rows: QuerySet[Operation]) -> HttpResponseBase:
    """Return a list with an object for each."""

    def lines() -> Iterator[str]:
        before = "["
        for one in map(record, _all(rows)):
            yield f"{before}\n{json.dumps(one, ensure_ascii=False)}"
            before = ","
        yield "\n]\n" if before == "," else "[]\n"

    return _file(tenant, "json", "application/json", lines())


FORMATS: Mapping[str, Callable[[Tenant, QuerySet[Operation]], HttpResponseBase]] = {"csv": as_csv, "json": as_json}


def _all(rows: QuerySet[Operation]) -> Iterator[Operation]:
    targets = Prefetch("targets", OperationTarget.objects.order_by("pk"))
    return rows.select_related("user", "cancelled_by").prefetch_related(targets).iterator(_CHUNK)


def _file(tenant: Tenant, ending: str, kind: str, lines: Iterator[str]) -> HttpResponseBase:
    response = StreamingHttpResponse(lines, content_type=kind)
    name = f"{tenant.project.slug}-{tenant.location.name}-operations.{ending}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response
