"""What the tests of service users begin with: a member of a tenant, and workers' turns until a browser is needed."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils import timezone

from portal.identity import vault
from projects.access import Visit
from projects.models import Operation, Role
from services.service_users import handing, register
from services.service_users.handing import Credential
from services.service_users.models import ServiceUser
from tests.service_users_crash import until_ready as until_ready
from tests.unit import projects_fixtures as rows
from tests.unit.keystone_fake import Keystone
from tests.unit.keystone_users import KeystoneUsers
from tests.unit.servers_cast import ask, go

ENDS = datetime.now(UTC).replace(microsecond=0) + timedelta(days=90)
CI: dict[str, Any] = {"name": "ci-deploy", "description": "Pipeline of the shop", "expires_at": ENDS}


def member_of(keystone: Keystone | KeystoneUsers, name: str = "member", role: Role = Role.MEMBER) -> Visit:
    """Return a person in atlas@north, logged in, with the roles that the fake cloud gives."""
    tenant = rows.make_tenant(rows.make_location(cloud=keystone.cloud))
    return join(tenant, name, role)


def join(tenant: Any, name: str, role: Role = Role.MEMBER) -> Visit:
    """One more person in the tenant."""
    user = rows.make_user(name)
    membership = rows.make_member(user, tenant, role)
    membership.cloud_roles = ["reader", "member"]
    membership.save()
    rows.make_grant(user)
    return Visit(user, tenant, role)


def take(visit: Visit, operation: Operation) -> Credential | None:
    """Return what the browser does that asked for it."""
    return handing.take(visit, operation.grant, operation.pk)


def overdue(operation: Operation) -> None:
    """Return the two minutes are over: the envelope is gone, and the time for taking it too."""
    assert vault.take(f"service user {operation.pk} {operation.grant}") is not None
    ServiceUser.objects.filter(operation=operation).update(ready_until=timezone.now() - timedelta(seconds=1))


def made(visit: Visit, verb: str = "create-service-user", /, **params: Any) -> tuple[Operation, Credential]:
    """Ask for it, have the browser take it, and see it done."""
    operation = ask(visit, verb, **params)
    until_ready(operation)
    credential = take(visit, operation)
    assert credential is not None
    operation = go(operation)
    assert operation.state == Operation.State.DONE, (operation.reason, operation.detail)
    return operation, credential


def read(visit: Visit) -> None:
    """Return what a worker does for the page of this person."""
    register.refresh(visit.tenant, visit.user, visit.user.grants.get().pk)
