"""What operations that ended badly have left in a cloud, with a secret that nobody has: it is ended, and told of.

Before one is ended the operation that made it remembers which (`ending`): who dies then leaves it to the next look,
which ends it, or finds it gone and tells of it.
"""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.utils import timezone
from django.utils.translation import gettext as _

from clouds import errors
from clouds.errors import OUTAGES, CloudError
from portal.identity.models import User
from projects.models import Location, Operation, Tenant
from projects.operations import unattended as itself
from services.service_users.actions.end_service_user import ENDING, Params, Why
from services.service_users.models import LONGEST_NAME, OwnReading, ServiceUser, cloud_name, grow, mark_in
from services.service_users.rows import MAKERS, drop
from services.service_users.types import TYPES
from services.service_users.types.base import At, Seen, ServiceUserType

log = structlog.get_logger(__name__)

_BADLY = (Operation.State.FAILED, Operation.State.CANCELLED)


def maker(tenant: Tenant | None, user: User, seen: Seen) -> Operation | None:
    """Return the operation that made it, if that ended without anybody having its secret.

    A worker died, or the cloud was away.
    """
    mark = mark_in(seen.name)
    taken = ServiceUser.objects.filter(tenant=tenant, external_id=seen.external_id, taken_at__isnull=False)
    if tenant is None or not mark or taken.exists():
        return None
    badly = Operation.objects.filter(pk=mark, tenant=tenant, user=user, action__in=MAKERS, state__in=_BADLY)
    return badly.select_related("tenant").first()


def end(at: At, operation: Operation, one: Seen) -> bool:
    """End what this operation has left, and its row; False: a browser was faster, and has its secret.

    CloudErrors pass; who calls tries again at the next look.
    """
    if not _close(operation, one):
        return False
    _remember(operation, ending={"id": one.external_id, "kind": one.kind, "began": timezone.now().isoformat()})
    try:
        TYPES[one.kind].delete(replace(at, request=request_id(operation, one)), one.external_id)
    except errors.NotFound:
        pass  # somebody was faster
    log.warning("service_user_lost_and_ended", operation=operation.pk)
    drop(operation.tenant, operation.asker, one.external_id)
    _tell(operation)
    return True


def _close(operation: Operation, one: Seen) -> bool:
    """Tell whether nobody has its secret, nor can take it from now on: its envelope may still lie there.

    Without a row nobody ever could.
    """
    rows = ServiceUser.objects.filter(tenant=operation.tenant, external_id=one.external_id)
    now = timezone.now()
    rows.filter(taken_at=None, closed_at=None).update(closed_at=now, changed_at=now)
    return not rows.filter(taken_at__isnull=False).exists()


def request_id(operation: Operation, one: Seen) -> str:
    """Return what the cloud's logs know its end by."""
    return itself.request_id_of(operation.tenant, ENDING, one.external_id)


def begun(location: Location, user: User, kinds: Collection[str]) -> Iterable[Operation]:
    """Operations of a person whose leftovers somebody has begun to end, and died."""
    mine = Operation.objects.filter(tenant__location=location, user=user, action__in=MAKERS, memory__has_key="ending")
    return mine.filter(memory__ending__kind__in=list(kinds)).select_related("tenant")


def close(operations: Iterable[Operation], there: Collection[str]) -> None:
    """Tell of those whose end was begun before, and that are not there any more."""
    for operation in operations:
        if operation.memory["ending"]["id"] not in there:
            _tell(operation)


def unsettled(now: datetime, settle: timedelta) -> Iterable[Operation]:
    """Operations that ended badly after something was sent, which nobody has looked for since.

    `settle` is how long what was sent may take to arrive.
    """
    ended = Operation.objects.filter(action__in=MAKERS, state__in=_BADLY, ended_at__lt=now - settle)
    for operation in ended.select_related("tenant__location", "user"):
        if not operation.memory.get("sent") or operation.memory.get("settled"):
            continue
        if not kind_of(operation).of_person:
            yield operation
            continue
        read = OwnReading.objects.filter(user=operation.user, location=operation.tenant.location_id)
        if operation.ended_at and not read.filter(read_at__gt=operation.ended_at + settle).exists():
            yield operation


def settle(operation: Operation) -> bool:
    """End what an operation that failed may have left of those that belong to nobody, by the location's account.

    False: the location does not answer. Without an account, nobody but the cloud's operator can look.
    """
    tenant, kind, label = operation.tenant, kind_of(operation), label_of(operation)
    taken = ServiceUser.objects.filter(operation=operation, taken_at__isnull=False)
    if not taken.exists():
        if not tenant.location.account_name:
            return True
        at = At(tenant)
        try:
            for one in kind.find(at, cloud_name(label, operation.pk)):
                end(at, operation, one)
        except CloudError as error:
            log.warning("service_user_not_ended", operation=operation.pk, code=error.code, request_id=error.request_id)
            return not isinstance(error, OUTAGES)  # again the next time
        if "ending" in operation.memory:
            _tell(operation)  # who began it died, and it is gone
        ServiceUser.objects.filter(operation=operation, taken_at=None).delete()
    _remember(operation, settled=True)
    grow(tenant)
    return True


def kind_of(operation: Operation) -> ServiceUserType:
    """Return what an operation was making. Those from before there were kinds made application credentials."""
    of_old: dict[str, Any] = operation.memory.get("old", {})
    key = operation.params.get("kind") or of_old.get("kind") or ServiceUser.Kind.APPLICATION_CREDENTIAL
    return TYPES[key]


def label_of(operation: Operation) -> str:
    """Return what it was to be called."""
    old: dict[str, Any] = operation.memory.get("old", {})
    return str(operation.params.get("name") or old.get("label") or "")[:LONGEST_NAME]


def _tell(operation: Operation) -> None:
    ending = operation.memory["ending"]
    params = Params(external_id=ending["id"], kind=ending["kind"], why=Why.LOST, made_by=operation.pk)
    said = _("%(id)s had made it, and did not come to a good end.") % {"id": operation.pk}
    began = datetime.fromisoformat(ending["began"])
    with operation.tenant.locked():
        itself.note(operation.tenant, itself.Deed(ENDING, params, label_of(operation), began, said))
        _remember(operation, ending=None)


def _remember(operation: Operation, **facts: Any) -> None:
    """As a run does, of one that has ended; None forgets."""
    kept = {key: value for key, value in {**operation.memory, **facts}.items() if value is not None}
    Operation.objects.filter(pk=operation.pk).update(memory=kept)
    operation.memory = kept
