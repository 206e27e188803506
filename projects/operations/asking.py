"""Asking for a change: rights, preflight and the operation's row in one transaction. The same for page and API."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import structlog
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.celery import app
from projects import platforms
from projects.access import Visit
from projects.actions import ACTIONS
from projects.actions.base import Action, Params
from projects.freshness import AWAY
from projects.models import Location, Operation, OperationTarget, Role, Tenant
from projects.operations import figures
from projects.outcomes import Refusal, Thing

log = structlog.get_logger(__name__)

# What a worker was told of and nobody has begun after this is told again (tasks/operations.py).
RESEND = timedelta(seconds=15)
_RANK = {Role.READER: 0, Role.MEMBER: 1, Role.ADMIN: 2}


class RefusedError(Exception):
    """It can't be asked for; `refusals` say why, each beside its field."""

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        super().__init__("; ".join(str(refusal.reason) for refusal in refusals))
        self.refusals = refusals


class KeyReusedError(Exception):
    """The same idempotency key came with another request before."""


def may(role: Role, action: Action[Any]) -> bool:
    """Whether this role allows the action."""
    return _RANK[role] >= _RANK[action.role]


def may_change(role: Role) -> bool:
    """Whether this role allows to change anything at all."""
    return _RANK[role] >= _RANK[Role.MEMBER]


def not_allowed(visit: Visit) -> str:
    """Why a person may not, and whom to ask."""
    said = _("You are a %(role)s in %(project)s. Ask one of its admins to make you a member.")
    return said % {"role": visit.role.label, "project": visit.tenant.project.name}


def ask(
    visit: Visit,
    grant: UUID,
    action: Action[Any],
    params: Params,
    *,
    via: Operation.Via = Operation.Via.PAGE,
    key: str = "",
    checked: bool = False,
    retry_of: Operation | None = None,
    undo_of: Operation | None = None,
) -> Operation:
    """Make an operation of it and has a worker begin. Who sends the same `key` twice gets the first one's operation.
    `checked`: whoever calls has just asked `refusals_of` the same, and there was none.

    PermissionDenied for whose role does not allow it, RefusedError for what the inventory shows to be impossible,
    KeyReusedError when the key belongs to something else.
    """
    if not may(visit.role, action):
        raise PermissionDenied(not_allowed(visit))
    wanted = params.model_dump(mode="json")
    if key and (earlier := Operation.objects.filter(user=visit.user, key=key).first()):
        return _same(earlier, visit.tenant, action, wanted)
    refusals = [] if checked else refusals_of(visit.tenant, action, params)
    # Not taken as checked by anybody: it is what guards one person's things from another.
    if refusals := refusals or list(action.check_person(visit, params)):
        raise RefusedError(refusals)
    now = timezone.now()
    things = action.things(params)
    try:
        with transaction.atomic():
            operation = Operation.objects.create(
                tenant=visit.tenant,
                user=visit.user,
                grant=grant,
                via=via,
                action=action.name,
                params=wanted,
                names=names_of(visit.tenant, [*things, *action.also_named(params)]),
                key=key,
                retry_of=retry_of,
                undo_of=undo_of,
                asked_at=now,
                next_at=now,
                sent_at=now,
            )
            OperationTarget.objects.bulk_create(
                OperationTarget(operation=operation, kind=thing.kind, external_id=thing.external_id)
                for thing in dict.fromkeys(things)
            )
            visit.tenant.grow()
            transaction.on_commit(partial(send, operation.pk))
    except IntegrityError:
        # A double click: the other request was faster by less than we needed to look.
        first = Operation.objects.filter(user=visit.user, key=key).exclude(key="").first()
        if first is None:
            raise  # the same was tried again or undone by another member (operations/again.py)
        return _same(first, visit.tenant, action, wanted)
    log.info("operation_asked", operation=operation.pk, action=action.name, tenant_id=visit.tenant.pk, via=via.value)
    return operation


def refusals_of(tenant: Tenant, action: Action[Any], params: Params) -> list[Refusal]:
    """Everything that speaks against it, as far as the inventory knows."""
    offered = set(tenant.location.services.exclude(url="").values_list("service", flat=True))
    for service in action.services:
        if service not in offered:
            said = _("%(location)s offers no %(service)s.")
            return [Refusal("", said % {"location": tenant.location.name, "service": platforms.label_of(service)})]
    if tenant.location.health == Location.Health.DOWN:
        said = _(
            "%(location)s is not answering, so nothing can be changed there now. Nothing is lost: try again later."
        )
        return [Refusal("", said % {"location": tenant.location.name})]
    return list(action.check(tenant, params))


def cancel(visit: Visit, operation: Operation) -> bool:
    """Stop an operation: at once while nobody has begun, else before its next step.

    False when it has ended already, or when stopping it half-way makes no sense.
    PermissionDenied for readers.
    """
    if not may_change(visit.role):
        raise PermissionDenied(not_allowed(visit))
    now = timezone.now()
    queued = Operation.objects.filter(pk=operation.pk, state=Operation.State.QUEUED, claimed_at=None)
    stopped = queued.update(state=Operation.State.CANCELLED, cancel_at=now, ended_at=now, cancelled_by=visit.user)
    if stopped:
        figures.ended(operation, Operation.State.CANCELLED, now)
    action = ACTIONS.get(operation.action)
    if not stopped and (action is None or action.cancellable):
        stopped = (
            Operation.objects.open()
            .filter(pk=operation.pk, cancel_at=None)
            .update(cancel_at=now, cancelled_by=visit.user, next_at=now)
        )
        transaction.on_commit(partial(send, operation.pk))
    operation.tenant.grow()
    return bool(stopped)


def names_of(tenant: Tenant, things: Sequence[Thing]) -> dict[str, str]:
    """Return what the things are called now, by id."""
    names: dict[str, str] = {}
    by_model: dict[type[Any], list[str]] = {}
    for thing in things:
        by_model.setdefault(thing.model, []).append(thing.external_id)
    for model, ids in by_model.items():
        for row in model._default_manager.filter(tenant=tenant, external_id__in=ids):
            names[row.external_id] = str(getattr(row, "address", "") or row)
    return names


def send(operation_id: str, countdown: float = 0) -> None:
    """Tells a worker of it. Without a broker the sweeper does, when it is back."""
    try:
        app.send_task("projects.run_operation", args=[operation_id], countdown=countdown or None, retry=False)
    except AWAY:
        log.warning("broker_away", task="projects.run_operation", operation=operation_id)


def _same(earlier: Operation, tenant: Tenant, action: Action[Any], wanted: Mapping[str, Any]) -> Operation:
    if (earlier.tenant_id, earlier.action, earlier.params) != (tenant.pk, action.name, wanted):
        raise KeyReusedError(earlier.key)
    return earlier
