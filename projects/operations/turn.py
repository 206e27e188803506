"""One turn of an operation: claim it, let its action make steps until it has to wait or has ended, write that down."""

from datetime import datetime, timedelta
from time import monotonic
from typing import Any
from uuid import UUID

import structlog
from celery.exceptions import SoftTimeLimitExceeded
from django.db import InterfaceError, OperationalError
from django.utils import timezone
from django.utils.translation import gettext as _
from redis.exceptions import RedisError

from clouds import errors
from clouds.errors import CloudError
from portal.identity import vault
from portal.identity.errors import ProviderUnreachable, SessionEnded
from projects import freshness, platforms
from projects.actions import ACTIONS, outcome_unknown
from projects.actions.base import Action
from projects.models import Operation
from projects.operations import claims, figures, judging
from projects.operations.run import Run
from projects.outcomes import Done, Failed, Outcome, Wait
from projects.refresh import health

log = structlog.get_logger(__name__)

# A step that has no need to wait goes on in the same turn, for so long. Far below the claim's LEASE.
TURN = 8.0
# Troubles of our own that pass: of Redis, of the database, of time. The sweeper goes on when the claim has ended.
PASSING = (RedisError, OperationalError, InterfaceError, SoftTimeLimitExceeded)


def turn(operation_id: str) -> float | None:
    """Goes on with an operation. Seconds until it wants to be called again; None when it has ended or is not ours.

    PASSING troubles are raised, and change nothing. Whatever else nobody expected ends it, and is raised too.
    """
    operation = claims.take(operation_id)
    if operation is None:
        return None
    try:
        return _turn(operation, ACTIONS[operation.action])
    except claims.OvertakenError:
        log.warning("operation_overtaken", operation=operation_id)
    except PASSING:
        raise
    except Exception:
        broke(operation_id, operation.claimed_at)
        raise
    return None


def _turn(operation: Operation, action: Action[Any]) -> float | None:
    outcome = _outcome(operation, action)
    if isinstance(outcome, Wait):
        return _wait(operation, outcome)
    _end(operation, action, outcome)
    return None


def broke(operation_id: str, claim: datetime | None = None) -> None:
    """End an operation by an exception that nobody expected, as a fault of Meshdeck. With a claim: only while it
    holds.
    """
    ended = Operation.objects.open().filter(pk=operation_id)
    if claim is not None:
        ended = ended.filter(claimed_at=claim)
    operation = ended.select_related("tenant").first()
    if operation is None:
        return
    reason = _("Meshdeck itself failed at this step; its operator finds why under %(id)s. %(stands)s")
    now = timezone.now()
    if ended.update(
        state=Operation.State.FAILED,
        reason=reason % {"id": operation_id, "stands": outcome_unknown.what_stands(operation)},
        code="broken",
        ended_at=now,
    ):
        figures.ended(operation, Operation.State.FAILED, now)
    operation.tenant.grow()


def _outcome(operation: Operation, action: Action[Any]) -> Outcome | None:
    """How this turn ended. None: it was cancelled."""
    if operation.cancel_at is not None:
        return None
    if timezone.now() - operation.asked_at > action.patience:
        minutes = int(action.patience.total_seconds() // 60)
        said = _("Not done after %(n)s minutes. %(note)s") % {"n": minutes, "note": operation.note}
        return Failed(said.strip(), code="too_slow")
    try:
        outcome = _try(operation, action)
    except SessionEnded:
        return Failed(_("Your login ended before it was done. Log in and try again."), code="session_ended")
    except ProviderUnreachable:
        return Wait(5.0, _("The identity provider is not answering."))
    except CloudError as error:
        same = operation.memory.get("_fault") == error.code
        tries = int(operation.memory.get("_faults", 0)) + 1 if same else 1
        since = operation.memory.get("_fault_since") or timezone.now().isoformat()
        met = {"_fault": error.code, "_faults": tries, "_fault_since": since}
        claims.write(operation, memory={**operation.memory, **met})
        log.info(
            "operation_fault", operation=operation.pk, code=error.code, status=error.status, request_id=error.request_id
        )
        if isinstance(error, errors.OUTAGES) and error.service is not None:
            health.record(operation.tenant.location_id, [health.Outcome(error.service, error)], operation.tenant_id)
        return judging.judge(operation, error, tries)
    if operation.memory.get("_faults"):
        claims.write(operation, memory={**operation.memory, "_faults": 0, "_fault_since": None})
    return outcome


def _try(operation: Operation, action: Action[Any]) -> Outcome:
    """Make steps until there is something to wait for, as the person who asked."""
    params = action.params.model_validate(operation.params)
    steps = action.steps(params, operation.names)

    def work(cloud: Any) -> Outcome:
        until, run = monotonic() + TURN, Run(operation, steps, cloud)
        while True:
            outcome = action.step(run, params)
            if not isinstance(outcome, Wait) or outcome.seconds > 0 or monotonic() > until:
                return outcome

    platform = platforms.of(operation.tenant.location)
    login = _grant(operation)
    return platform.as_person(operation.tenant, login, work, request_id=operation.request_id, seconds=TURN)


def _grant(operation: Operation) -> UUID:
    """Return the login that asked, or when it has ended another one of the same person."""
    return operation.login if vault.is_live(operation.login) else vault.live_grant(operation.asker) or operation.login


def _wait(operation: Operation, wait: Wait) -> float:
    now = timezone.now()
    note = str(wait.note)[:500]
    steps = operation.steps
    if note and steps and steps[-1]["ended"] is None:
        steps = [*steps[:-1], {**steps[-1], "note": note}]
    told = note != operation.note or steps != operation.steps
    claims.write(
        operation,
        claimed_at=None,
        next_at=now + timedelta(seconds=wait.seconds),
        sent_at=now + timedelta(seconds=wait.seconds),
        note=note,
        steps=steps,
    )
    if told:
        operation.tenant.grow()
    return wait.seconds


def _end(operation: Operation, action: Action[Any], outcome: Done | Failed | None) -> None:
    now = timezone.now()
    fields: dict[str, Any] = {"ended_at": now, "note": ""}
    steps = [{**step, "ended": step["ended"] or now.isoformat()} for step in operation.steps]
    match outcome:
        case Done(note=note):
            fields |= {"state": Operation.State.DONE, "note": str(note)[:500]}
        case Failed(reason=reason, detail=detail, code=code):
            params = action.params.model_validate(operation.params)
            fields |= {
                "state": Operation.State.FAILED,
                "reason": str(reason)[:500],
                "detail": detail[:500],
                "code": code,
                "note": action.stands(operation, params)[:500],
            }
        case None:
            params = action.params.model_validate(operation.params)
            fields |= {"state": Operation.State.CANCELLED, "note": action.stands(operation, params)[:500]}
    claims.write(operation, steps=steps, **fields)
    operation.tenant.grow()
    figures.ended(operation, operation.state, now)
    log.info("operation_ended", operation=operation.pk, action=operation.action, state=operation.state)
    # Limits, and what else has changed by it.
    freshness.request_refresh(operation.tenant_id, operation.login, older_than=timedelta(0))
