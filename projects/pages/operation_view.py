"""An operation as the drawer and its page show it: steps with times, facts, what failed and the ways on."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from portal.ui import formats
from portal.ui.changing import Action as Button
from portal.ui.changing import Fact, OperationView, Step, StepState
from projects import kinds
from projects.access import Visit
from projects.actions.base import Action, Params
from projects.models import Operation, OperationTarget
from projects.operations import asking
from projects.operations.again import is_anothers, known, may_retry, undoing
from projects.outcomes import Step as Planned
from projects.pages import sentences as telling
from projects.pages.command import commands_then, shell_lines

_State = Operation.State


@dataclass(frozen=True, slots=True)
class Seen:
    """An operation with what belongs to it, as it is shown to a visitor. `back` is where its buttons lead to."""

    visit: Visit
    operation: Operation
    targets: Sequence[OperationTarget]
    retry: Operation | None
    undo: Operation | None
    back: str

    @property
    def url(self) -> str:
        """The operation's own page."""
        return address(self.visit.tenant.handle, self.operation.pk)


def address(handle: str, operation_id: str, verb: str = "") -> str:
    """Where an operation is, or what is done with it: "/atlas@north/operations/op-…/undo/"."""
    return f"/{handle}/operations/{operation_id}/{f'{verb}/' if verb else ''}"


def view_of(seen: Seen) -> OperationView:
    """Return the whole view."""
    operation = seen.operation
    role, word = telling.state_of(operation)
    view = OperationView(
        title=telling.title_of(operation),
        role=role,
        word=word,
        page_url=seen.url,
        running=operation.is_open,
        time=_time(seen),
        facts=list(_facts(seen)),
        actions=list(_buttons(seen)),
        undo=_undo(seen),
    )
    found = known(operation)
    if found:
        action, params = found
        tenant = seen.visit.tenant
        view = replace(
            view,
            steps=list(_steps(seen, action.steps(params, operation.names))),
            command=shell_lines(tenant, commands_then(tenant, action, params, operation.names)),
        )
    if operation.state == _State.FAILED:
        return replace(view, failure=operation.reason, remedy=operation.note, request_id=operation.request_id)
    if operation.state == _State.DONE:
        return replace(view, success=f"{view.title}.", remedy=_opposite(operation) if view.undo else "")
    return replace(view, text=_text(operation, found))


def _time(seen: Seen) -> str:
    operation, span = seen.operation, telling.took(seen.operation)
    if not operation.is_open:
        return (_("took %(span)s") if operation.state == _State.DONE else _("after %(span)s")) % {"span": span}
    usual = telling.usual(operation.action, seen.visit.tenant.location)
    if usual is None:
        return _("%(span)s so far") % {"span": span}
    return _("%(span)s so far, usually %(usual)s") % {"span": span, "usual": formats.took(usual)}


def _text(operation: Operation, found: tuple[Action[Any], Params] | None) -> str:
    """Return what may be expected of one that is on its way; what stands of one that was cancelled."""
    if not operation.is_open:
        return operation.note
    said = _("You can close this or leave: it goes on, and ends exactly once.")
    if found is None or operation.cancel_at is not None or not found[0].cancellable:
        return said
    action, params = found
    return _("%(said)s If you cancel now: %(stands)s") % {"said": said, "stands": action.stands(operation, params)}


def _steps(seen: Seen, planned: Sequence[Planned]) -> Iterable[Step]:
    """All steps of one that is on its way or done; of one that ended otherwise those that it came to."""
    operation = seen.operation
    begun = {step["key"]: step for step in operation.steps}
    last = operation.steps[-1]["key"] if operation.steps else ""
    for step in planned:
        now = begun.get(step.key)
        if now is None:
            if operation.state == _State.DONE:
                yield Step(step.done, "done")
            elif operation.is_open:
                yield Step(step.todo, "waiting", step.hint)
            continue
        began = datetime.fromisoformat(now["began"])
        ended = datetime.fromisoformat(now["ended"]) if now["ended"] else timezone.now()
        state = _step_state(operation, now["key"] == last)
        title = step.done if state == "done" else step.todo
        note = _note(seen, step, now["note"], state, began, ended)
        yield Step(title, state, note, formats.took(ended - began))


def _step_state(operation: Operation, is_last: bool) -> StepState:
    if not is_last or operation.state == _State.DONE:
        return "done"
    states: dict[str, StepState] = {_State.FAILED: "failed", _State.CANCELLED: "cancelled"}
    return states.get(operation.state, "working")


def _note(seen: Seen, step: Planned, note: str, state: StepState, began: datetime, ended: datetime) -> str:
    operation = seen.operation
    accepted = operation.accepted_at
    match state:
        case "failed":
            return _("The cloud says: %(words)s") % {"words": operation.detail} if operation.detail else ""
        case "cancelled":
            return _cancelled(operation)
        case "working":
            return note or str(step.hint)
    if operation.note and operation.state == _State.DONE and operation.steps[-1]["key"] == step.key:
        return operation.note
    if accepted is not None and began <= accepted <= ended:
        words = {"place": seen.visit.tenant.location.name, "span": formats.took(accepted - operation.asked_at)}
        return _("Accepted by %(place)s after %(span)s") % words
    return ""


def _cancelled(operation: Operation) -> str:
    if operation.cancelled_by is None or operation.cancel_at is None:
        return ""
    words = {"name": operation.cancelled_by.username, "time": formats.moment(operation.cancel_at)}
    return _("Cancelled by %(name)s at %(time)s") % words


def _facts(seen: Seen) -> Iterable[Fact]:
    operation, handle = seen.operation, seen.visit.tenant.handle
    via = str(Operation.Via(operation.via).label)
    yield Fact(_("Asked by"), _("%(name)s, %(via)s") % {"name": operation.asked_by, "via": via})
    yield Fact(_("Asked at"), formats.moment(operation.asked_at))
    if operation.state == _State.CANCELLED and operation.cancelled_by and not operation.steps:
        yield Fact(_("Cancelled by"), operation.cancelled_by.username)
    for target in seen.targets:
        kind = kinds.named(target.kind)
        # Some things are each person's own, such as key pairs.
        own = kind is not None and (not kind.personal or operation.user_id == seen.visit.user.pk)
        url = kind.url_of(handle, target.external_id) if kind and own and not target.gone_at else ""
        yield Fact(kind.name if kind else target.kind, operation.name_of(target.external_id), url=url)
    for label, other in (
        (_("Tries again"), operation.retry_of_id),
        (_("Tried again by"), seen.retry and seen.retry.pk),
        (_("Takes back"), operation.undo_of_id),
        (_("Taken back by"), seen.undo and seen.undo.pk),
    ):
        if other:
            yield Fact(label, other, url=address(handle, other))
    yield Fact(_("Operation"), chips=[operation.pk])
    yield Fact(_("Cloud request"), chip=operation.request_id)


def _buttons(seen: Seen) -> Iterable[Button]:
    """Cancel and Try again, for whose role allows them."""
    operation, found, role = seen.operation, known(seen.operation), seen.visit.role
    if found is None:
        return
    action, params = found
    in_time = action.cancellable or operation.started_at is None
    if operation.is_open and operation.cancel_at is None and in_time and asking.may_change(role):
        yield _button(seen, _("Cancel operation"), "cancel", "ban")
    mine = not is_anothers(seen.visit, operation)
    if may_retry(operation) and mine and seen.retry is None and asking.may(role, action):
        yield _button(seen, _("Try again"), "retry", "rotate-cw", _against(seen, action, params))


def _undo(seen: Seen) -> Button | None:
    """Undo, where one click takes it back and nobody has yet."""
    found = undoing(seen.operation)
    if found is None or seen.undo is not None or not asking.may(seen.visit.role, found[0]):
        return None
    return _button(seen, _("Undo"), "undo", "undo-2", _against(seen, *found))


def _opposite(operation: Operation) -> str:
    """Return what Undo would do."""
    found = undoing(operation)
    title = found[0].title(found[1], operation.names) if found else ""
    return _("Undo: %(title)s.") % {"title": title}


def _button(seen: Seen, label: str, verb: str, icon: str, blocked: str = "") -> Button:
    url = address(seen.visit.tenant.handle, seen.operation.pk, verb)
    return Button(label, url, icon, post=True, blocked=blocked, name="next", value=seen.back)


def _against(seen: Seen, action: Action[Any], params: Params) -> str:
    """Return what speaks against asking for it now."""
    return " ".join(str(one.reason) for one in asking.refusals_of(seen.visit.tenant, action, params))
