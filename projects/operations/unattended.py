"""What Meshdeck does by itself to a project's things, for the project's audit log: nobody asked, and no login is used.

Whoever does it looks for what was begun before, does it under `request_id_of`, and writes it down when the cloud has
said yes: once, whoever dies between the two. What did not come about is no operation: it is tried again.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import NAMESPACE_OID, uuid5

from django.utils import timezone

from projects.actions import ACTIONS
from projects.actions.base import Params
from projects.models import Operation, OperationTarget, Tenant


@dataclass(frozen=True, slots=True)
class Deed:
    """What was done: the name of its action, what of. `name` is the thing's, `began` when it was sent to the cloud."""

    action: str
    params: Params
    name: str
    began: datetime
    note: str = ""


def request_id_of(tenant: Tenant, verb: str, external_id: str) -> str:
    """Return the id that goes along with the calls, the same for every try; the cloud's logs have it."""
    return f"req-{uuid5(NAMESPACE_OID, f'{tenant.pk} {verb} {external_id}')}"


def note(tenant: Tenant, deed: Deed) -> Operation:
    """Write down what was done: one row, which is there already when the same was noted before."""
    now = timezone.now()
    action = ACTIONS[deed.action]
    (thing,) = action.things(deed.params)
    with tenant.locked():
        operation, new = Operation.objects.get_or_create(
            tenant=tenant,
            user=None,
            request_id=request_id_of(tenant, action.name, thing.external_id),
            defaults={
                "via": Operation.Via.ITSELF,
                "action": action.name,
                "params": deed.params.model_dump(mode="json"),
                "names": {thing.external_id: deed.name},
                "state": Operation.State.DONE,
                "steps": [
                    {"key": step.key, "began": deed.began.isoformat(), "ended": now.isoformat(), "note": ""}
                    for step in action.steps(deed.params, {})
                ],
                "note": deed.note[:500],
                "asked_at": deed.began,
                "started_at": deed.began,
                "accepted_at": now,
                "ended_at": now,
                "next_at": now,
                "sent_at": now,
            },
        )
        if new:
            OperationTarget.objects.create(operation=operation, kind=thing.kind, external_id=thing.external_id)
            tenant.grow()
    return operation
