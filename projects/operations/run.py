"""One turn of an operation: claim it, let its action make steps until it has to wait or has ended, write that down.

What the action knows of the run is `Run`: the cloud as the user sees it, a memory that outlives the worker, and the
means to do something exactly once.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from time import monotonic
from typing import Any, TypeVar
from uuid import UUID

import structlog
from celery.exceptions import SoftTimeLimitExceeded
from django.db import InterfaceError, OperationalError
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django_stubs_ext import StrOrPromise
from pydantic import BaseModel
from redis.exceptions import RedisError

from clouds import errors
from clouds.errors import CloudError
from clouds.openstack import session
from clouds.openstack.inventory import block_storage, compute, network
from clouds.openstack.session import AuthState, Connection
from portal.identity import vault
from portal.identity.errors import ProviderUnreachable, SessionEnded
from projects import freshness
from projects.actions import ACTIONS
from projects.actions.base import Action
from projects.models import Operation, OperationTarget, Resource, Service, Tenant
from projects.models.operation import OPEN
from projects.operations import claims, faults, figures
from projects.outcomes import Done, Failed, Outcome, Thing, Wait
from projects.refresh import health
from services.openstack import observed as seen
from services.openstack import tokens
from services.openstack.locations import discover_endpoints, endpoints_of, federation_of

log = structlog.get_logger(__name__)

T = TypeVar("T")

# A step that has no need to wait goes on in the same turn, for so long. Far below the claim's LEASE.
TURN = 8.0
# What was sent to a cloud and not answered may still arrive there: for so long it is looked for before it is sent anew.
SETTLE = timedelta(seconds=20)
# Troubles of our own that pass: of Redis, of the database, of time. The sweeper goes on when the claim has ended.
PASSING = (RedisError, OperationalError, InterfaceError, SoftTimeLimitExceeded)
# What `send_once` remembers from before it sends until it is certain.
_NO_PLACE = {"place": None, "record": None}


class Run:
    """What an action's step works with."""

    def __init__(self, operation: Operation, action: Action[Any], cloud: Connection) -> None:
        self.operation = operation
        self.tenant = operation.tenant
        self.cloud = cloud
        self._steps = action.steps(action.params.model_validate(operation.params), operation.names)

    @property
    def mark(self) -> str:
        """The operation's id, which everything that it makes carries (clouds/openstack/marks.py)."""
        return self.operation.pk

    @property
    def is_first(self) -> bool:
        """Whether nothing can have been sent to the cloud yet: no worker was at it before, this one has just begun."""
        return self.operation.attempts == 1 and not self.memory

    @property
    def memory(self) -> dict[str, Any]:
        """What was remembered, by this worker or another before it. Read it; `remember` writes."""
        memory: dict[str, Any] = self.operation.memory
        return memory

    def remember(self, **facts: Any) -> None:
        """Keeps facts for whoever goes on. Written before it returns; OvertakenError when the run is not ours."""
        claims.write(self.operation, memory={**self.memory, **facts})

    def at(self, key: str, note: StrOrPromise = "") -> None:
        """The run has come to this step: those before it are done. `note` says what it waits for."""
        steps = [dict(step) for step in self.operation.steps]
        now = timezone.now().isoformat()
        if not any(step["key"] == key for step in steps):
            for step in steps:
                step["ended"] = step["ended"] or now
            for passed in self._steps:
                if passed.key == key:
                    break
                if not any(step["key"] == passed.key for step in steps):
                    steps.append({"key": passed.key, "began": now, "ended": now, "note": ""})
            steps.append({"key": key, "began": now, "ended": None, "note": ""})
        steps[-1]["note"] = str(note)
        if steps != self.operation.steps:
            claims.write(self.operation, steps=steps)
            Tenant.objects.filter(pk=self.tenant.pk).update(version=F("version") + 1)

    @property
    def place(self) -> str:
        """The location's name, for sentences."""
        return self.tenant.location.name

    def done(self, key: str) -> bool:
        """Whether `note_done` was told of it, by this worker or one before."""
        return bool(self.memory.get(key))

    def note_done(self, key: str) -> None:
        """The cloud took this on, or has done it. `send` notes it by itself."""
        self.accepted(**{key: timezone.now().isoformat()})

    def age(self, key: str) -> float:
        """Seconds since the time that is remembered under this key, by `note_done` for one."""
        return (timezone.now() - datetime.fromisoformat(self.memory[key])).total_seconds()

    def accepted(self, **facts: Any) -> None:
        """The cloud has taken the change on; facts about it are kept with the same write."""
        now, first = timezone.now(), self.operation.accepted_at is None
        fields: dict[str, Any] = {"accepted_at": now} if first else {}
        if facts:
            fields["memory"] = {**self.memory, **facts}
        if fields:
            claims.write(self.operation, **fields)
        if first:
            figures.accepted(self.operation, now)

    def saw(self, *rows: BaseModel, joined: bool = False) -> None:
        """Things as the cloud just told them: pages show them at once. `joined`: with what other services know."""
        seen.write(self.tenant, rows, joined=joined)

    def saw_server(self, server: compute.Server, *volumes: block_storage.Volume) -> None:
        """A server as nova just told it; what neutron and cinder know of it stays, or comes from these volumes."""
        seen.write_server(self.tenant, server, volumes)

    def saw_groups(self, server_id: str) -> None:
        """Its ports' security groups have been seen: the server's row names them too."""
        seen.write_groups(self.tenant, server_id)

    def saw_floating_ip(self, floating: network.FloatingIP) -> None:
        """A floating IP as neutron just told it, after its port was seen: the server's row names it too."""
        seen.write_floating_ip(self.tenant, floating)

    def gone(self, model: type[Resource], *external_ids: str, only: Mapping[str, str] | None = None) -> None:
        """Things that the cloud does not know any more; `only` as in `seen.gone`."""
        seen.gone(self.operation, model, external_ids, only=only)

    def made(self, model: type[Resource], external_id: str, name: str = "") -> None:
        """A thing that the operation made: its page will list the operation."""
        thing = Thing(model, external_id)
        OperationTarget.objects.get_or_create(operation=self.operation, kind=thing.kind, external_id=external_id)
        if name and external_id not in self.operation.names:
            claims.write(self.operation, names={**self.operation.names, external_id: name})

    def create_once(self, key: str, find: Callable[[], Iterable[str]], create: Callable[[], str]) -> str | None:
        """The id of the one thing that this operation makes under `key`. None: not certain yet, wait and call again.

        `create` makes it, with the operation's mark; `find` gives the ids of things with that mark. That it is about
        to be made is written down before: a worker that comes after a crash, or after an answer that never came, looks
        for it first, for as long as the request may still be on its way.
        """
        if known := self.memory.get(key):
            return str(known)
        if not self._sent(f"{key}_sent_at"):
            made = self._send(f"{key}_sent_at", create)
        elif found := next(iter(find()), None):
            made = found
        elif self._settled(f"{key}_sent_at"):
            made = self._send(f"{key}_sent_at", create)
        else:
            return None
        self.accepted(**{key: made})
        return made

    def send_once(
        self,
        key: str,
        thing: str,
        *,
        record: Callable[[], T | None],
        arrived: Callable[[T], bool],
        send: Callable[[], object],
    ) -> Wait | None:
        """Has something done to a thing that can't be seen to be done already, such as a reboot. None: it was sent.

        `record` reads what the cloud keeps of the thing beforehand, as JSON; None when it is not the time to send.
        `arrived` tells by it, after a crash, whether the request came through. The record tells requests apart by
        person and kind only, so no other operation sends to the thing (its id) from before it is read until this one
        is certain.
        """
        if self.memory.get(key):
            return None
        at = f"{key}_sent_at"
        if self._sent(at):
            if not arrived(self.memory["record"]):
                if not self._settled(at):
                    return Wait(2, _("Looks whether the request has arrived."))
                self._send(at, send)
        else:
            if not self._take_place(thing):
                return Wait(1, _("Another operation is just at it."))
            known = record()
            if known is None:
                self.remember(**_NO_PLACE)
                return Wait(0)
            self._send(at, send, record=known)
        self.accepted(**{key: True, **_NO_PLACE})
        return None

    def leave(self) -> None:
        """What was to be sent is not needed any more: others may send to the thing."""
        if self.memory.get("place"):
            self.remember(**_NO_PLACE)

    def _take_place(self, thing: str) -> bool:
        """Whether no other operation is about to send to the thing; from then on none is."""
        if self.memory.get("place") == thing:
            return True
        # What an operation has sent may still arrive when it has ended by itself or was cancelled.
        at_it = Q(state__in=OPEN) | Q(ended_at__gt=timezone.now() - SETTLE)
        with self.tenant.locked():
            if Operation.objects.filter(at_it, tenant=self.tenant, memory__place=thing).exists():
                return False
            self.remember(place=thing)
        return True

    def send(self, key: str, send: Callable[[], T]) -> T:
        """Has something done that can be seen in the cloud when it has happened, and notes it as by `note_done`.

        That it is about to be sent is written down before: who ends the operation after a crash knows that it may have
        been done (actions/parts/standing.py). An earlier request that was not answered stays written down, whatever
        the answer to this one.
        """
        at = f"{key}_sent_at"
        answer = send() if self._sent(at) else self._send(at, send)
        self.note_done(key)
        return answer

    def _sent(self, at: str) -> bool:
        return bool(self.memory.get(at))

    def _settled(self, at: str) -> bool:
        return timezone.now() - datetime.fromisoformat(self.memory[at]) > SETTLE

    def _send(self, at: str, send: Callable[[], T], **facts: Any) -> T:
        self.remember(**{at: timezone.now().isoformat()}, **facts)
        try:
            return send()
        except faults.REFUSALS:
            self.remember(**{at: None}, **_NO_PLACE)  # nothing was done
            raise


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
    """An exception that nobody expected: a fault of Meshdeck, told as such. With a claim: only while it holds."""
    ended = Operation.objects.open().filter(pk=operation_id)
    if claim is not None:
        ended = ended.filter(claimed_at=claim)
    operation = ended.select_related("tenant").first()
    if operation is None:
        return
    reason = _("Meshdeck itself failed at this step; its operator finds why under %(id)s. What was done so far stays.")
    now = timezone.now()
    if ended.update(state=Operation.State.FAILED, reason=reason % {"id": operation_id}, code="broken", ended_at=now):
        figures.ended(operation, Operation.State.FAILED, now)
    Tenant.objects.filter(pk=operation.tenant_id).update(version=F("version") + 1)


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
        if isinstance(error, health.OUTAGES) and error.service is not None:
            health.record(operation.tenant.location_id, [health.Outcome(Service(error.service), error)])
        return faults.judge(operation, error, tries)
    if operation.memory.get("_faults"):
        claims.write(operation, memory={**operation.memory, "_faults": 0, "_fault_since": None})
    return outcome


def _try(operation: Operation, action: Action[Any]) -> Outcome:
    """Steps until there is something to wait for, as the user, with a fresh token when the kept one is refused."""
    tenant, grant = operation.tenant, _grant(operation)
    state = tokens.recall(tenant, grant)
    if state is not None:
        try:
            return _steps(operation, action, state)
        except errors.Unauthorized:
            # Ended before its time. Steps look first: doing one again does no harm.
            tokens.forget(tenant, grant)
    return _steps(operation, action, tokens.fetch(tenant, grant))


def _grant(operation: Operation) -> UUID:
    """The login that asked, or when it has ended another one of the same person."""
    return operation.login if vault.is_live(operation.login) else vault.live_grant(operation.asker) or operation.login


def _steps(operation: Operation, action: Action[Any], state: AuthState) -> Outcome:
    location = operation.tenant.location
    endpoints = endpoints_of(location) or discover_endpoints(location, state)
    params = action.params.model_validate(operation.params)
    until = monotonic() + TURN
    with session.connect(federation_of(location), state, endpoints, request_id=operation.request_id) as cloud:
        cloud.http.deadline = until
        run = Run(operation, action, cloud)
        while True:
            outcome = action.step(run, params)
            if not isinstance(outcome, Wait) or outcome.seconds > 0 or monotonic() > until:
                return outcome


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
        Tenant.objects.filter(pk=operation.tenant_id).update(version=F("version") + 1)
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
    Tenant.objects.filter(pk=operation.tenant_id).update(version=F("version") + 1)
    figures.ended(operation, operation.state, now)
    log.info("operation_ended", operation=operation.pk, action=operation.action, state=operation.state)
    # Limits, and what else has changed by it.
    freshness.request_refresh(operation.tenant_id, operation.login, older_than=timedelta(0))
