"""Operations as runs would have left them."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from portal.identity.models import User
from projects.actions import ACTIONS
from projects.models import Operation, OperationTarget, Tenant
from projects.operations import asking, claims
from tests import factories

State = Operation.State
REASON = "north did not attach the volume."


def operation(
    tenant: Tenant,
    user: User,
    action: str,
    params: dict[str, Any],
    *,
    state: Operation.State = State.DONE,
    minutes: float = 5,
    seconds: float = 2.3,
    step: int | None = None,
    **values: Any,
) -> Operation:
    """One that was asked for so many minutes ago and took so many seconds.

    It has come to its step number `step` (from 1; 0: to none yet), by default to the last one.
    """
    verb = ACTIONS[action]
    wanted = verb.params.model_validate(params)
    asked = timezone.now() - timedelta(minutes=minutes)
    ended = asked + timedelta(seconds=seconds)
    things = verb.things(wanted)
    names = asking.names_of(tenant, [*things, *verb.also_named(wanted)])
    begun = verb.steps(wanted, names)[:step]
    open_ = state in (State.QUEUED, State.RUNNING)
    values = {
        "reason": REASON if state == State.FAILED else "",
        "started_at": None if state == State.QUEUED else asked,
        "accepted_at": asked + timedelta(seconds=0.4) if begun else None,
        "ended_at": None if open_ else ended,
    } | values
    made = Operation.objects.create(
        tenant=tenant,
        user=user,
        grant="00000000-0000-0000-0000-000000000000",
        action=action,
        params=wanted.model_dump(mode="json"),
        names=names,
        state=state,
        steps=_steps([one.key for one in begun], asked, ended, open_=open_),
        asked_at=asked,
        next_at=asked,
        sent_at=asked,
        **values,
    )
    for thing in things:
        OperationTarget.objects.create(operation=made, kind=thing.kind, external_id=thing.external_id)
    return made


def _steps(keys: list[str], asked: datetime, ended: datetime, *, open_: bool) -> list[dict[str, Any]]:
    """Return steps of the same length; the last one of an open operation goes on."""
    length = (ended - asked) / max(len(keys), 1)
    return [
        {
            "key": key,
            "began": (asked + i * length).isoformat(),
            "ended": None if open_ and i == len(keys) - 1 else (asked + (i + 1) * length).isoformat(),
            "note": "The cloud says: attaching" if open_ and i == len(keys) - 1 else "",
        }
        for i, key in enumerate(keys)
    ]


def die(operation: Operation, **memory: Any) -> None:
    """Leave it as a worker does that took it, remembered this and was killed; its claim has ended."""
    mine = claims.take(operation.pk)
    assert mine is not None
    claims.write(mine, memory={**mine.memory, **memory})
    ended = timezone.now() - claims.LEASE - timedelta(seconds=1)
    Operation.objects.filter(pk=operation.pk).update(claimed_at=ended)


def attaching(tenant: Tenant, volume: str, server: str) -> dict[str, str]:
    """Return the params that attach or detach, by names of the cast's."""
    return {
        "volume_id": factories.ident(f"{tenant.handle}/volume/{volume}"),
        "server_id": factories.ident(f"{tenant.handle}/server/{server}"),
    }


def done(cast: factories.Cast) -> Operation:
    """logs-01 was attached to web-02, which is how the cast has it."""
    return operation(cast.atlas, cast.admin, "attach-volume", attaching(cast.atlas, "logs-01", "web-02"))


def failed(cast: factories.Cast) -> Operation:
    """logs-archive was not attached to web-01."""
    wanted = attaching(cast.atlas, "logs-archive", "web-01")
    values = {"detail": "Invalid volume", "note": "The volume is there and detached.", "code": "conflict"}
    return operation(cast.atlas, cast.admin, "attach-volume", wanted, state=State.FAILED, step=1, **values)


def running(cast: factories.Cast) -> Operation:
    """pg-data-03 is being made for db-01."""
    wanted = {"name": "pg-data-03", "size_gb": 80, "server_id": factories.ident("atlas@north/server/db-01")}
    return operation(cast.atlas, cast.admin, "create-volume", wanted, state=State.RUNNING, minutes=0.1, step=2)


def history(cast: factories.Cast) -> dict[str, Operation]:
    """Return a few of each ending in atlas@north, by a word for each."""
    north, member, admin = cast.atlas, cast.member, cast.admin
    for minutes in (3000, 2900, 2800):
        operation(north, admin, "attach-volume", attaching(north, "logs-01", "web-02"), minutes=minutes, seconds=2.1)
        wanted = {"name": "old", "size_gb": 10, "server_id": factories.ident("atlas@north/server/db-01")}
        operation(north, admin, "create-volume", wanted, minutes=minutes, seconds=11)
    wanted = {
        "name": "pg-data-03",
        "size_gb": 80,
        "volume_type": "ssd",
        "server_id": factories.ident("atlas@north/server/db-01"),
    }
    return {
        "done": operation(north, member, "attach-volume", attaching(north, "logs-01", "web-02"), minutes=43),
        "new": operation(
            north,
            admin,
            "attach-volume",
            attaching(north, "web-assets", "web-01"),
            minutes=3,
            note="In use as /dev/vdb",
        ),
        "failed": operation(
            north,
            member,
            "attach-volume",
            attaching(north, "logs-archive", "worker-07"),
            state=State.FAILED,
            minutes=12,
            seconds=31,
            step=1,
            detail="Cannot 'attach_volume' instance while it is in vm_state error",
            note="The volume is there and detached.",
            code="conflict",
        ),
        "cancelled": operation(
            north,
            admin,
            "detach-volume",
            attaching(north, "pg-data-01", "db-01"),
            state=State.CANCELLED,
            minutes=90,
            seconds=4,
            step=1,
            cancel_at=timezone.now() - timedelta(minutes=90),
            cancelled_by=member,
            note="What was done so far stays.",
        ),
        "running": operation(
            north, member, "create-volume", wanted, state=State.RUNNING, minutes=0.14, seconds=6, step=2
        ),
    }
