"""What making and rotating share: a credential with a secret of our choice, handed to the browser that asked, or ended.

    make   look for one of this operation's name; there: its secret is known to nobody, end it · make it · seal the
           secret into the envelope · write its row, from when on it can be taken
    hand   wait until it was taken; else, when its time is over, end it

Of each kind Keystone lets no second one of a name be (types/). So a request that is sent again, or that arrives late,
makes no second one, and whatever dies between two lines above, the next turn finds the one that is there.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from redis.exceptions import RedisError

from clouds import errors
from clouds.errors import CloudError
from portal.identity import vault
from projects.models import Operation
from projects.outcomes import Failed, Outcome, Step, Wait
from services.openstack.actions import Run
from services.service_users import envelope, rows
from services.service_users.models import ServiceUser, cloud_name, grow
from services.service_users.types.base import At, Seen, ServiceUserType, Wanted

# 256 bits, as 43 letters: below what bcrypt reads, which Keystone may keep it with.
SECRET_BYTES = 32
LOOK_EVERY = 2.0
# Between the page's taking the envelope and its saying so.
GRACE = timedelta(seconds=5)


def steps(last: Sequence[Step] = ()) -> Sequence[Step]:
    """Return the steps that both have."""
    return (
        Step("make", _("Make the credential"), _("Made the credential")),
        Step(
            "hand",
            _("Hand its secret to your browser"),
            _("Your browser has its secret"),
            hint=_("For two minutes. If nobody takes it, it is ended again."),
        ),
        *last,
    )


def hand_over(run: Run, kind: ServiceUserType, wanted: Wanted, about: Mapping[str, Any]) -> Outcome | ServiceUser:
    """One step of both; the row when its secret was taken. `wanted` has no secret yet and the person's name for it.

    `about` are columns of the new row that the cloud does not tell.
    """
    row = ServiceUser.objects.filter(operation=run.operation, ready_until__isnull=False).first()
    if row is None and run.memory.get("made"):
        run.remember(settled=True)
        return Failed(_("It was ended elsewhere before anybody had its secret."), code="ended_elsewhere")
    if row is None:
        run.at("make")
        return _make(run, kind, wanted, about)
    run.at("hand")
    if not run.memory.get("made"):
        run.remember(made=row.external_id)
        run.made(ServiceUser, row.external_id, row.label)
        run.accepted()
    return _hand(run, kind, row)


def _make(run: Run, kind: ServiceUserType, wanted: Wanted, about: Mapping[str, Any]) -> Outcome:
    operation = run.operation
    if not vault.is_live(operation.login):
        return Failed(_("The login that asked for it has ended, so nobody could take its secret."), code="login_ended")
    at, name = At(run.tenant, run.cloud, operation.grant), cloud_name(wanted.name, operation.pk)
    if run.memory.get("sent"):
        for one in kind.find(at, name):
            end(run, kind, one.external_id)
    run.remember(sent=True)
    secret = secrets.token_urlsafe(SECRET_BYTES)
    try:
        made = kind.create(at, replace(wanted, name=name, secret=secret))
    except CloudError as error:
        if (failed := kind.refused(at, error)) is None:
            raise
        return failed
    try:
        until = envelope.put(operation.pk, operation.login, secret)
    except RedisError:
        return Wait(1.0, _("The place for its secret is not there at the moment."))  # made anew by the next turn
    _write(run, wanted, made, {**about, "last_four": secret[-4:], "ready_until": until})
    return Wait(0)


def _write(run: Run, wanted: Wanted, made: Seen, about: Mapping[str, Any]) -> None:
    """As was asked for, where the cloud has no word of its own on it."""
    now = timezone.now()
    fields = {
        "label": wanted.name,
        "description": wanted.description,
        "roles": list(wanted.roles),
        "access_rules": list(wanted.access_rules),
        "expires_at": wanted.expires_at,
        **rows.told(made),
        "owner": run.operation.user,
        "operation": run.operation,
        "made_at": now,
        "changed_at": now,
        **about,
    }
    ServiceUser.objects.update_or_create(
        tenant=run.tenant,
        external_id=made.external_id,
        defaults=fields,
        create_defaults={**fields, "first_seen_at": now},
    )
    grow(run.tenant)


def _hand(run: Run, kind: ServiceUserType, row: ServiceUser) -> Outcome | ServiceUser:
    now = timezone.now()
    if row.taken_at is not None:
        return row
    if row.closed_at is None:
        if _may_still_be_taken(run, row, now):
            return Wait(LOOK_EVERY, _("Your browser has not taken it yet. Service users has the download."))
        # From here on the page says that it is too late, or it was faster.
        ours = ServiceUser.objects.filter(pk=row.pk, taken_at=None, closed_at=None)
        ours.update(closed_at=now, changed_at=now)
        return Wait(0)
    end(run, kind, row.external_id)
    run.remember(settled=True)
    said = _("Nobody took its secret in time, so it was ended again: no login is there that nobody knows.")
    return Failed(said, code="not_taken")


def _may_still_be_taken(run: Run, row: ServiceUser, now: datetime) -> bool:
    try:
        lies_there = envelope.lies_there(run.operation.pk, run.operation.login)
    except RedisError:
        return row.ready_until is not None and row.ready_until > now
    if lies_there:
        return True
    gone_at = run.memory.get("envelope_gone_at")
    if gone_at is None:
        run.remember(envelope_gone_at=now.isoformat())
        return True
    return now - datetime.fromisoformat(gone_at) < GRACE


def end(run: Run, kind: ServiceUserType, external_id: str) -> None:
    """End one in the cloud, and its row. The second time it does nothing."""
    try:
        kind.delete(At(run.tenant, run.cloud), external_id)
    except errors.NotFound:
        pass  # by us before, or by somebody else
    rows.drop(run.tenant, run.operation.asker, external_id)


def unassigned(run: Run, roles: Sequence[str]) -> Failed | None:
    """Say why these roles can't be given: they are not in the person's token."""
    missing = sorted(set(roles) - set(run.cloud.state.roles))
    if not missing:
        return None
    said = _("You do not have the role %(roles)s in %(place)s, so you can't give it on. Nothing was made.")
    return Failed(said % {"roles": ", ".join(missing), "place": run.place}, code="role_missing")


def stands(operation: Operation) -> str:
    """Say what stays of one that ended badly."""
    if ServiceUser.objects.filter(operation=operation, taken_at__isnull=False).exists():
        return _("The new secret was handed over, and works.")
    if operation.memory.get("settled"):
        return _("It is gone from the cloud.")
    if operation.memory.get("sent"):
        return _("If the cloud has made it all the same, it is ended as soon as the cloud can be asked.")
    return _("Nothing was made.")
