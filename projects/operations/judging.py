"""What each fault of a cloud means for an operation that meets it, in one place.

A step looks before it acts, so that doing it again is safe: what may pass is waited for, what won't fails at once.
"""

import random
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from clouds import errors
from clouds.errors import CloudError
from projects.models import Operation
from projects.outcomes import Failed, Outcome, Wait

# The cloud says no for now: states pass within seconds, or they don't.
_CONFLICTS = 6
_LONGEST = 15.0
# Nobody waits longer than this for a location that is away, however patient the action is.
_AWAY = timedelta(minutes=3)


def judge(operation: Operation, error: CloudError, tries: int) -> Outcome:
    """Whether to wait or to fail. `tries`: how often in a row the operation has met this kind of fault."""
    place = operation.tenant.location.name
    match error:
        case errors.QuotaExceeded():
            reason = _("%(reason)s Free some of it, or ask for a higher limit.") % {"reason": error.reason}
        case errors.Forbidden():
            reason = _("%(place)s does not allow this to your role. Ask an admin of the project.") % {"place": place}
        case errors.NotAdmitted():
            reason = _(
                "%(place)s accepts your login, but not for %(project)s. The project may have been disabled, or your "
                "role in it removed. Nothing was changed by this step. Ask an admin of the project."
            ) % {"place": place, "project": operation.tenant.project.name}
        case errors.Unauthorized():
            reason = _("%(place)s no longer accepts your login. Log in again, then try again.") % {"place": place}
        case errors.NotFound():
            reason = _("It is no longer there, or not for you. Nothing was changed by this step.")
        case errors.RateLimited():
            seconds = error.retry_after if error.retry_after is not None else backoff(tries)
            return _patient(operation, error, Wait(min(seconds, 60.0), error.reason))
        case errors.Conflict() if tries < _CONFLICTS:
            return Wait(backoff(tries, 0.5), error.detail or error.reason)
        case errors.Conflict() | errors.Invalid():
            reason = error.reason
        case _:
            return _patient(operation, error, Wait(backoff(tries), error.reason))
    return Failed(reason, error.detail, error.code)


def _patient(operation: Operation, error: CloudError, wait: Wait) -> Outcome:
    """End the wait for a location that is away before the action's own patience ends."""
    since = operation.memory.get("_fault_since")
    if since is None or timezone.now() - datetime.fromisoformat(since) < _AWAY:
        return wait
    minutes = int(_AWAY.total_seconds() // 60)
    reason = _("%(reason)s It has been tried for %(n)s minutes; try again when %(place)s answers.")
    return Failed(
        reason % {"reason": error.reason, "n": minutes, "place": operation.tenant.location.name},
        error.detail,
        error.code,
    )


def backoff(tries: int, first: float = 1.0) -> float:
    """Seconds to wait after so many faults in a row: doubled each time, 15 at most, a fifth more or less by chance."""
    wait: float = min(_LONGEST, first * 2 ** min(tries - 1, 8))
    return wait * random.uniform(0.8, 1.2)  # noqa: S311 (no secret)
