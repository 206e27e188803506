"""Asking for changes and letting them run to their end, without the waiting."""

from typing import Any

import pytest
from django.utils import timezone

from projects.access import Visit
from projects.actions import ACTIONS
from projects.models import Operation
from projects.operations import asking, turn
from projects.operations.asking import RefusedError


def ask(visit: Visit, name: str, /, **values: Any) -> Operation:
    """Return the person asks for the action with these params."""
    action = ACTIONS[name]
    return asking.ask(visit, visit.user.grants.get().pk, action, action.params.model_validate(values))


def go(operation: Operation, turns: int = 20) -> Operation:
    """Return what workers do."""
    for _ in range(turns):
        Operation.objects.filter(pk=operation.pk).update(next_at=timezone.now())
        if turn.turn(operation.pk) is None:
            break
    operation.refresh_from_db()
    return operation


def done(visit: Visit, name: str, /, **values: Any) -> Operation:
    """Return the person asks for it, and it is done."""
    operation = go(ask(visit, name, **values))
    assert operation.state == Operation.State.DONE, (operation.reason, operation.detail)
    return operation


def undo(visit: Visit, operation: Operation) -> Operation:
    """One click on Undo, and its end."""
    action = ACTIONS[operation.action]
    back = action.undo(operation, action.params.model_validate(operation.params))
    assert back is not None
    undoing = ACTIONS[back.action]
    wanted = undoing.params.model_validate(back.params)
    return go(asking.ask(visit, operation.grant, undoing, wanted, undo_of=operation))


def refusals(visit: Visit, name: str, /, **values: Any) -> list[tuple[str, str]]:
    """Field and reason of what speaks against it."""
    with pytest.raises(RefusedError) as refused:
        ask(visit, name, **values)
    return [(one.field, str(one.reason)) for one in refused.value.refusals]
