"""An operation in words: what it does, how far it is, how long it took."""

import re
from dataclasses import dataclass
from datetime import timedelta
from statistics import median

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.ui import formats
from portal.ui.status import Role, status_of
from projects.models import Location, Operation
from projects.operations.again import UNDONE, known

_State = Operation.State
# So many of the last ones tell how long an action usually takes; fewer than the second figure tell nothing.
_LAST, _ENOUGH = 20, 3


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a sentence; names stand out."""

    text: str
    strong: bool = False


def told(rows: QuerySet[Operation]) -> QuerySet[Operation]:
    """Operations with what a line about one needs: who asked, and whether it was undone or tried again."""
    # Said once more, so that a database that hashes these hashes few rows: almost none undoes or repeats another.
    undone = Operation.objects.filter(undo_of=OuterRef("pk"), undo_of__isnull=False, state__in=UNDONE)
    retried = Operation.objects.filter(retry_of=OuterRef("pk"), retry_of__isnull=False)
    return rows.select_related("user").annotate(undone=Exists(undone), retried=Exists(retried))


def title_of(operation: Operation) -> str:
    """ "Attach logs-01 to web-02"; "Attached logs-01 to web-02" when it is done."""
    found = known(operation)
    if found is None:
        return operation.action.replace("-", " ").capitalize()  # of a version that had another action
    action, params = found
    say = action.told if operation.state == _State.DONE else action.title
    return say(params, operation.names)


def parts_of(operation: Operation) -> list[Part]:
    """Return the title in pieces, the names of things strong."""
    title, named = title_of(operation), [*operation.names.values(), operation.params.get("name")]
    names = sorted({name for name in named if name and isinstance(name, str)}, key=len, reverse=True)
    if not names:
        return [Part(title)]
    whole = re.compile(rf"(?<!\w)({'|'.join(map(re.escape, names))})(?!\w)")
    return [Part(piece, strong=i % 2 == 1) for i, piece in enumerate(whole.split(title)) if piece]


def progress_of(operation: Operation) -> tuple[int, int]:
    """Return the number of the step that it has come to, and of how many; (0, 0) before the first one."""
    found = known(operation)
    if found is None or not operation.steps:
        return 0, 0
    action, params = found
    keys = [step.key for step in action.steps(params, operation.names)]
    last = operation.steps[-1]["key"]
    return (keys.index(last) + 1 if last in keys else len(operation.steps)), len(keys)


def state_of(operation: Operation) -> tuple[Role, str]:
    """Shape and word: "Running, step 3 of 4"."""
    status = status_of("operation", operation.state)
    if operation.state not in (_State.RUNNING, _State.FAILED):
        step, steps = 0, 0
    else:
        step, steps = progress_of(operation)
    at = {"step": step, "steps": steps}
    if operation.is_open and operation.cancel_at is not None:
        return status.role, _("Being cancelled")
    if operation.state == _State.RUNNING and step:
        return status.role, _("Running, step %(step)s of %(steps)s") % at
    if operation.state == _State.FAILED and step:
        return status.role, _("Failed at step %(step)s of %(steps)s") % at
    return status.role, str(status.word)


def span_of(operation: Operation) -> timedelta:
    """How long it took from the click, or has taken so far."""
    return (operation.ended_at or timezone.now()) - operation.asked_at


def took(operation: Operation) -> str:
    """Do the same in words: "2.3 s"."""
    return formats.took(span_of(operation))


def usual(action: str, location: Location) -> timedelta | None:
    """How long this action usually takes there: the median of the last ones that were done. None: not known yet."""
    last = (
        Operation.objects.filter(action=action, tenant__location=location, state=_State.DONE)
        .order_by("-asked_at")
        .values_list("asked_at", "ended_at")[:_LAST]
    )
    spans = [(ended - asked).total_seconds() for asked, ended in last if ended is not None]
    return timedelta(seconds=median(spans)) if len(spans) >= _ENOUGH else None
