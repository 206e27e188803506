"""Operations: what was asked for, how far it is, how it ended; stopping, trying again, taking back."""

from datetime import datetime
from functools import partial
from typing import Annotated, Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Path, Query, Router
from pydantic import AwareDatetime, Field

from projects import freshness
from projects.access import Visit
from projects.api.base import HandleText, HandleToChange, KeyText, address, caller, visit_of
from projects.api.paging import Asked, Page, known_only, page_of
from projects.api.shapes import Shape
from projects.models import Operation
from projects.operations import again, asking
from projects.operations.again import UNDONE, known
from projects.operations.asking import RefusedError
from projects.outcomes import Refusal
from projects.pages import operations as pages
from projects.pages import sentences as telling

router = Router(tags=["operations"])

OperationId = Annotated[str, Path(description="Such as op-01M87SB5HYFT6FTN.", max_length=64)]
# What a person wrote into a server is nobody's business but the server's.
_LEFT_OUT = frozenset({"user_data"})


class TargetRow(Shape):
    """A thing that is changed or made."""

    kind: str
    external_id: str
    name: str


class StepRow(Shape):
    """A step that was begun; `ended` null: it runs."""

    key: str
    title: str
    began: datetime
    ended: datetime | None
    note: str


class OperationRow(Shape):
    """A change that somebody asked for, or Meshdeck made by itself.

    It has ended when `state` is done, failed or cancelled.
    """

    id: str
    title: str = Field(description="What it does, in words.")
    action: str
    state: str = Field(description="queued, running, done, failed or cancelled")
    via: str = Field(description="page, api or itself: what Meshdeck did by itself")
    asked_by: str
    params: dict[str, Any]
    targets: list[TargetRow]
    steps: list[StepRow]
    note: str = Field(description="What it waits for, or what stands now that it has ended.")
    reason: str = Field(description="Why it failed.")
    detail: str = Field(description="The cloud's own words.")
    code: str = Field(description="The kind of failure.")
    request_id: str = Field(description="Sent along with each call; the cloud's logs have it.")
    asked_at: datetime
    started_at: datetime | None
    accepted_at: datetime | None = Field(description="When the cloud took on the change.")
    ended_at: datetime | None
    cancel_at: datetime | None = Field(description="When somebody wanted it to stop.")
    cancelled_by: str | None
    retry_of: str | None
    undo_of: str | None
    may_retry: bool
    may_undo: bool


class OperationsAsked(Asked):
    """What can be asked of the list."""

    q: str = Field("", max_length=200, description="A word in names, people or reasons, or the beginning of an id.")
    state: list[Operation.State] = []
    action: list[str] = []
    by: list[str] = Field([], description="Names of people; Meshdeck for what it did by itself.")
    thing: list[str] = Field([], description="Things that it is about, each as kind:external_id.")
    since: AwareDatetime | None = Field(None, description="Asked for at this time or later.")
    until: AwareDatetime | None = Field(None, description="Asked for before this; keeps pages apart.")


@router.get(
    "/operations",
    response=Page[OperationRow],
    operation_id="list_operations",
    url_name="list_operations",
    summary="The project's audit log",
)
def index(request: HttpRequest, handle: HandleText, asked: Annotated[OperationsAsked, Query()]) -> Any:
    """Every change that somebody asked for, or Meshdeck made by itself, the newest first."""
    visit = visit_of(request)
    known_only(request, OperationsAsked)
    freshness.look_at(visit.tenant, caller(request).grant)
    rows = _rows(visit)
    for name, values in (("state", asked.state), ("action", asked.action)):
        if values:
            rows = rows.filter(**{f"{name}__in": values})
    if asked.by:
        rows = rows.filter(pages.asked_by(asked.by))
    if asked.thing:
        rows = rows.filter(pages.about(visit.tenant, asked.thing))
    if asked.since:
        rows = rows.filter(asked_at__gte=asked.since)
    if asked.until:
        rows = rows.filter(asked_at__lt=asked.until)
    if asked.q.strip():
        rows = rows.filter(pages.search(asked.q.strip()))
    return Page[OperationRow](**page_of(request, rows, asked, partial(shown, visit)))


@router.get(
    "/operations/{operation_id}",
    response=OperationRow,
    operation_id="get_operation",
    url_name="get_operation",
    summary="One operation",
)
def show(request: HttpRequest, handle: HandleText, operation_id: OperationId) -> OperationRow:
    """How far it is; ask again until it has ended. Costs no call to the cloud."""
    visit = visit_of(request)
    return shown(visit, _one(visit, operation_id))


@router.post(
    "/operations/{operation_id}/cancel",
    response={202: OperationRow},
    operation_id="cancel_operation",
    url_name="cancel_operation",
    summary="Stop an operation",
)
def cancel(request: HttpRequest, handle: HandleToChange, operation_id: OperationId, key: KeyText = "") -> OperationRow:
    """Stop it: at once while nobody has begun, else before its next step. One that has ended is given as it is."""
    visit = visit_of(request)
    operation = _one(visit, operation_id)
    if not asking.cancel(visit, operation):
        operation = _one(visit, operation_id)
        if operation.is_open and operation.cancel_at is None:
            raise RefusedError([Refusal("", _("Stopping this half-way makes no sense."))])
    return shown(visit, _one(visit, operation_id))


@router.post(
    "/operations/{operation_id}/retry",
    response={202: OperationRow},
    operation_id="retry_operation",
    url_name="retry_operation",
    summary="Try an operation again",
)
def retry(
    request: HttpRequest, response: HttpResponse, handle: HandleToChange, operation_id: OperationId, key: KeyText = ""
) -> OperationRow:
    """Return a new operation that asks for the same. Each is tried again once: who comes second gets the first
    one's.
    """
    visit = visit_of(request)
    operation = _one(visit, operation_id)
    return begun(visit, response, again.retry(visit, caller(request).grant, operation, via=Operation.Via.API))


@router.post(
    "/operations/{operation_id}/undo",
    response={202: OperationRow},
    operation_id="undo_operation",
    url_name="undo_operation",
    summary="Take an operation back",
)
def undo(
    request: HttpRequest, response: HttpResponse, handle: HandleToChange, operation_id: OperationId, key: KeyText = ""
) -> OperationRow:
    """Return a new operation that takes a done one back. Each is undone once: who comes second gets the first one's."""
    visit = visit_of(request)
    operation = _one(visit, operation_id)
    return begun(visit, response, again.undo(visit, caller(request).grant, operation, via=Operation.Via.API))


def begun(visit: Visit, response: HttpResponse, operation: Operation) -> OperationRow:
    """Return a new operation, with where to ask how far it is."""
    response["Location"] = address(visit, "operations", operation.pk)
    return shown(visit, _one(visit, operation.pk))


def shown(visit: Visit, operation: Operation) -> OperationRow:
    """Return an operation as it goes out to a visitor."""
    found = known(operation)
    planned = {}
    if found:
        action, params = found
        planned = {step.key: step for step in action.steps(params, operation.names)}
    steps = []
    for step in operation.steps:
        plan = planned.get(step["key"])
        title = str(plan.done if step["ended"] else plan.todo) if plan else step["key"]
        steps.append(StepRow.model_validate({**step, "title": title}))
    given = {name: getattr(operation, name) for name in OperationRow.model_fields if hasattr(operation, name)}
    return OperationRow.model_validate(
        given
        | {
            "title": telling.title_of(operation),
            "params": {name: value for name, value in operation.params.items() if name not in _LEFT_OUT},
            "targets": [
                TargetRow(kind=one.kind, external_id=one.external_id, name=operation.names.get(one.external_id, ""))
                for one in operation.targets.all()
            ],
            "steps": steps,
            "cancelled_by": operation.cancelled_by.username if operation.cancelled_by else None,
            "retry_of": operation.retry_of_id,
            "undo_of": operation.undo_of_id,
            "may_retry": again.may_retry(operation, Operation.Via.API)
            and not again.is_anothers(visit, operation)
            and not operation.retries.all(),
            "may_undo": again.undoing(operation) is not None
            and not any(one.state in UNDONE for one in operation.undos.all()),
        }
    )


def _rows(visit: Visit) -> Any:
    rows = Operation.objects.filter(tenant=visit.tenant).select_related("user", "cancelled_by")
    return rows.prefetch_related("targets", "retries", "undos")


def _one(visit: Visit, operation_id: str) -> Operation:
    """404 for what is not of this tenant."""
    operation: Operation | None = _rows(visit).filter(pk=operation_id).first()
    if operation is None:
        raise Http404
    return operation
