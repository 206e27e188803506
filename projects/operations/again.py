"""Trying an operation again, and taking it back: the same for page and API. Each can be done once."""

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.utils.translation import gettext as _
from pydantic import ValidationError

from projects.access import Visit
from projects.actions import ACTIONS
from projects.actions.base import Action, Params
from projects.models import Operation
from projects.models.operation import OPEN
from projects.operations.asking import RefusedError, ask
from projects.outcomes import Ask, Refusal

_State = Operation.State
# An undoing that has failed leaves the operation to be undone once more.
UNDONE = (*OPEN, _State.DONE)


def known(operation: Operation) -> tuple[Action[Any], Params] | None:
    """Return an operation's action and params. None for those of another version, which may have had other actions."""
    action = ACTIONS.get(operation.action)
    if action is None:
        return None
    try:
        return action, action.params.model_validate(operation.params)
    except ValidationError:
        return None


def undoing(operation: Operation) -> tuple[Action[Any], Params] | None:
    """Return the action that takes a done operation back, where there is one."""
    found = known(operation)
    wanted: Ask | None = found[0].undo(operation, found[1]) if found and operation.state == _State.DONE else None
    action = ACTIONS.get(wanted.action) if wanted else None
    if wanted is None or action is None:
        return None
    return action, action.params.model_validate(wanted.params)


def may_retry(operation: Operation, via: Operation.Via = Operation.Via.PAGE) -> bool:
    """Whether it ended without its effect, by an action that there still is, and that may be asked for in this way."""
    found = known(operation)
    if found is None or (via == Operation.Via.API and not found[0].in_api):
        return False
    return operation.state in (_State.FAILED, _State.CANCELLED)


def is_anothers(visit: Visit, operation: Operation) -> bool:
    """Whether what comes of it belongs to who asked, and that is somebody else: nobody may try it again for them."""
    action = ACTIONS.get(operation.action)
    return action is not None and action.personal and operation.user_id != visit.user.pk


def retry(visit: Visit, grant: UUID, operation: Operation, *, via: Operation.Via = Operation.Via.PAGE) -> Operation:
    """Asks for the same once more, as this person. Whoever is second gets the operation of whoever was first.

    Raises as `ask` does; PermissionDenied for what is another's alone, RefusedError for what has not ended badly.
    """
    if is_anothers(visit, operation):
        raise PermissionDenied(_("Only who asked for it can try it again: what comes of it is theirs."))
    if earlier := operation.retries.first():
        return earlier
    found = known(operation)
    if found is None or not may_retry(operation):
        raise RefusedError([Refusal("", _("Only what has failed or was cancelled can be tried again."))])
    action, params = found
    if not may_retry(operation, via):
        raise RefusedError([Refusal("", _("What it makes is handed to a browser. Try it again on its page."))])
    try:
        return ask(visit, grant, action, params, via=via, retry_of=operation, undo_of=operation.undo_of)
    except IntegrityError:  # another member was faster by less than we needed to look
        return Operation.objects.get(retry_of=operation)


def undo(visit: Visit, grant: UUID, operation: Operation, *, via: Operation.Via = Operation.Via.PAGE) -> Operation:
    """Take a done operation back. Whoever is second gets the undoing of whoever was first.

    Raises as `ask` does; RefusedError for what one click can't take back.
    """
    if earlier := operation.undos.filter(state__in=UNDONE).first():
        return earlier
    found = undoing(operation)
    if found is None:
        raise RefusedError([Refusal("", _("This can't be taken back by one click."))])
    action, params = found
    try:
        return ask(visit, grant, action, params, via=via, undo_of=operation)
    except IntegrityError:  # another member was faster by less than we needed to look
        return Operation.objects.get(undo_of=operation, state__in=UNDONE)
