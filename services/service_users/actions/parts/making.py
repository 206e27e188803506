"""What making and rotating share: a credential with a secret of our choice, handed to the browser that asked, or ended.

    make   look for one of this operation's name; there: its secret is known to nobody, end it · make it · seal the
           secret into the envelope · write its row, from when on it can be taken
    hand   wait until it was taken; else, when its time is over, end it

Keystone gives a name to one credential of a person only. So a request that is sent again, or that arrives late, makes
no second one, and whatever dies between two lines above, the next turn finds the one that is there.
"""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import gettext as _
from redis.exceptions import RedisError

from clouds.openstack import application_credentials, errors
from clouds.openstack.application_credentials import AccessRule, ApplicationCredential, Wanted
from portal.identity import vault
from projects.actions.base import Failed, Outcome, Step, Wait
from projects.models import Operation
from services.service_users import envelope, rows
from services.service_users.models import ServiceUser, cloud_name, grow

if TYPE_CHECKING:
    from projects.operations.run import Run

# 256 bits, as 43 letters: below what bcrypt reads, which Keystone may keep it with.
SECRET_BYTES = 32
LOOK_EVERY = 2.0
# Between the page's taking the envelope and its saying so.
GRACE = timedelta(seconds=5)


def steps(last: Sequence[Step] = ()) -> Sequence[Step]:
    """The steps that both have."""
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


def hand_over(run: "Run", wanted: Wanted, about: Mapping[str, Any]) -> Outcome | ServiceUser:
    """One step of both; the row when its secret was taken. `wanted` has no secret yet and the person's name for it.

    `about` are columns of the new row that the cloud does not tell.
    """
    row = ServiceUser.objects.filter(operation=run.operation, ready_until__isnull=False).first()
    if row is None and run.memory.get("made"):
        run.remember(settled=True)
        return Failed(_("It was ended elsewhere before anybody had its secret."), code="ended_elsewhere")
    if row is None:
        run.at("make")
        return _make(run, wanted, about)
    run.at("hand")
    if not run.memory.get("made"):
        run.remember(made=row.external_id)
        run.made(ServiceUser, row.external_id, row.label)
        run.accepted()
    return _hand(run, row)


def _make(run: "Run", wanted: Wanted, about: Mapping[str, Any]) -> Outcome:
    operation = run.operation
    if not vault.is_live(operation.grant):
        return Failed(_("The login that asked for it has ended, so nobody could take its secret."), code="login_ended")
    name = cloud_name(wanted.name, operation.pk)
    if run.memory.get("sent"):
        for one in application_credentials.list_own(run.cloud, name):
            end(run, one.external_id)
    run.remember(sent=True)
    secret = secrets.token_urlsafe(SECRET_BYTES)
    asked = Wanted(name, secret, wanted.description, wanted.roles, wanted.access_rules, wanted.expires_at)
    try:
        made = application_credentials.create(run.cloud, asked)
    except errors.Invalid as error:
        if "role assignment" in error.detail.lower():
            return Failed(_by_groups(run), error.detail, "roles_by_groups")
        raise
    except errors.NotFound as error:
        said = _("%(place)s has no application credentials: its Keystone is older than Queens, of 2018.")
        return Failed(said % {"place": run.place}, error.detail, "not_offered")
    try:
        until = envelope.put(operation.pk, operation.grant, secret)
    except RedisError:
        return Wait(1.0, _("The place for its secret is not there at the moment."))  # made anew by the next turn
    _write(run, made, {**about, "label": wanted.name, "last_four": secret[-4:], "ready_until": until})
    return Wait(0)


def _write(run: "Run", made: ApplicationCredential, about: Mapping[str, Any]) -> None:
    now = timezone.now()
    fields = {
        **rows.told(made),
        "user_id": made.user_id or run.cloud.state.user_id,
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


def _hand(run: "Run", row: ServiceUser) -> Outcome | ServiceUser:
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
    end(run, row.external_id)
    run.remember(settled=True)
    said = _("Nobody took its secret in time, so it was ended again: no login is there that nobody knows.")
    return Failed(said, code="not_taken")


def _may_still_be_taken(run: "Run", row: ServiceUser, now: datetime) -> bool:
    try:
        lies_there = envelope.lies_there(run.operation.pk, run.operation.grant)
    except RedisError:
        return row.ready_until is not None and row.ready_until > now
    if lies_there:
        return True
    gone_at = run.memory.get("envelope_gone_at")
    if gone_at is None:
        run.remember(envelope_gone_at=now.isoformat())
        return True
    return now - datetime.fromisoformat(gone_at) < GRACE


def end(run: "Run", external_id: str) -> None:
    """Ends one of the person's in the cloud, and its row. Done twice, it does nothing."""
    try:
        application_credentials.delete(run.cloud, external_id)
    except errors.NotFound:
        pass  # by us before, or by somebody else
    rows.drop(run.tenant, run.operation.user, external_id)


def unassigned(run: "Run", roles: Sequence[str]) -> Failed | None:
    """Why these roles can't be given: they are not in the person's token."""
    missing = sorted(set(roles) - set(run.cloud.state.roles))
    if not missing:
        return None
    said = _("You do not have the role %(roles)s in %(place)s, so you can't give it on. Nothing was made.")
    return Failed(said % {"roles": ", ".join(missing), "place": run.place}, code="role_missing")


def _by_groups(run: "Run") -> str:
    said = _(
        "%(place)s knows your roles by your groups alone, and does not let such people make credentials. Its operator "
        "can change that: authorization_ttl of the identity provider."
    )
    return said % {"place": run.place}


def rules(given: Sequence[Mapping[str, str]]) -> tuple[AccessRule, ...]:
    """Access rules as the cloud takes them."""
    return tuple(AccessRule(service=one["service"], method=one["method"], path=one["path"]) for one in given)


def stands(operation: Operation) -> str:
    """What stays of one that ended badly."""
    if ServiceUser.objects.filter(operation=operation, taken_at__isnull=False).exists():
        return _("The new secret was handed over, and works.")
    if operation.memory.get("settled"):
        return _("It is gone from the cloud.")
    if operation.memory.get("sent"):
        return _("If the cloud has made it all the same, it is ended as soon as the cloud can be asked.")
    return _("Nothing was made.")
