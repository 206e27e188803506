"""A project that no other test knows, with a person whose operations run in the test's own process."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.utils import timezone
from openstack.connection import Connection

from portal.identity import crypto
from portal.identity.models import Grant, User
from projects.access import Visit
from projects.actions import ACTIONS
from projects.discovery import discovering as discovery
from projects.models import Operation, Role, Tenant
from projects.operations import asking, turn
from projects.refresh import claims, refreshing
from tests.cloud.conftest import Devcloud
from tests.cloud.people import location_row
from tests.support.issuer import Issuer

LASTS = timedelta(hours=1)


@dataclass
class Project:
    """A project in north with its own network, and openstacksdk's view of it as the cloud's admin.

    `member` is the group of its members.
    """

    name: str
    member: str
    sdk: Connection
    network_id: str


@contextmanager
def own_project(devcloud: Devcloud, called: str = "own") -> Iterator[Project]:
    """Create the project and delete all of it afterwards. `called` is how its name begins."""
    with ExitStack() as stack:
        admin = stack.enter_context(devcloud.connect("north-admin"))
        number = uuid4().hex[:8]
        name, member = f"{called}-{number}", f"own-{number}-member"
        project = admin.identity.create_project(name=name, domain_id="default")
        stack.callback(admin.identity.delete_project, project)
        group = admin.identity.create_group(name=member, domain_id="default")
        stack.callback(admin.identity.delete_group, group)
        admin.identity.assign_project_role_to_group(project, group, admin.identity.find_role("member"))
        admin.identity.assign_project_role_to_user(project, admin.current_user_id, admin.identity.find_role("admin"))
        sdk = stack.enter_context(admin.connect_as_project(project))
        stack.callback(_empty, sdk)
        network = sdk.network.create_network(name="net")
        sdk.network.create_subnet(name="net-v4", network_id=network.id, ip_version=4, cidr="10.30.0.0/24")
        yield Project(name, member, sdk, network.id)


def _empty(sdk: Connection) -> None:
    for server in sdk.compute.servers():
        sdk.compute.unlock_server(server)
        sdk.compute.delete_server(server)
    for server in list(sdk.compute.servers()):
        sdk.compute.wait_for_delete(server)
    for volume in sdk.block_storage.volumes():
        sdk.block_storage.wait_for_status(volume, "available", interval=0.2)
        sdk.block_storage.delete_volume(volume)
    for image in sdk.image.images(owner=sdk.current_project_id):
        sdk.image.delete_image(image)
    for address in sdk.network.ips(project_id=sdk.current_project_id):
        sdk.network.delete_ip(address)
    for router in sdk.network.routers(project_id=sdk.current_project_id):
        sdk.network.update_router(router, external_gateway_info=None)
        for port in sdk.network.ports(device_id=router.id):
            sdk.network.remove_interface_from_router(router, port_id=port.id)
        sdk.network.delete_router(router)
    for network in sdk.network.networks(project_id=sdk.current_project_id):
        sdk.network.delete_network(network)
    for group in sdk.network.security_groups(project_id=sdk.current_project_id):
        sdk.network.delete_security_group(group)


@dataclass
class Here:
    """A member of the project, as far as the portal knows it, and the means to request and run operations."""

    project: Project
    visit: Visit
    grant: UUID

    @property
    def tenant(self) -> Tenant:
        """The tenant of the project."""
        return self.visit.tenant

    def look(self) -> None:
        """Refresh the rows."""
        claim = claims.take(self.tenant.pk, older_than=timedelta(0))
        assert claim
        Tenant.objects.filter(pk=self.tenant.pk).update(slow_as_of=None)
        refreshing.refresh(self.tenant.pk, self.grant, claim)

    def ask(self, verb: str, /, **params: Any) -> Operation:
        """Request an operation, as a button or a form does."""
        action = ACTIONS[verb]
        return asking.ask(self.visit, self.grant, action, action.params.model_validate(params))

    def do(self, verb: str, /, **params: Any) -> Operation:
        """Request an operation and run it until it has succeeded."""
        operation = self.finish(self.ask(verb, **params))
        assert operation.state == Operation.State.DONE, (operation.reason, operation.detail, operation.note)
        return operation

    def finish(self, operation: Operation, seconds: float = 90) -> Operation:
        """Do what workers do until it has ended."""
        deadline = time.monotonic() + seconds
        while Operation.objects.open().filter(pk=operation.pk).exists():
            assert time.monotonic() < deadline, operation.note
            time.sleep(turn.turn(operation.pk) or 0.05)  # not due yet: a turn before this one waits for something
        # No worker here carries out the refresh that its end requests.
        Tenant.objects.filter(pk=self.tenant.pk).update(refresh_started_at=None)
        operation.refresh_from_db()
        return operation


def undo(here: Here, operation: Operation) -> Operation:
    """Undo with one click, and run the undo to its end."""
    action = ACTIONS[operation.action]
    back = action.undo(operation, action.params.model_validate(operation.params))
    assert back is not None
    wanted = ACTIONS[back.action].params.model_validate(back.params)
    return here.finish(asking.ask(here.visit, here.grant, ACTIONS[back.action], wanted, undo_of=operation))


def enter(devcloud: Devcloud, issuer: Issuer, project: Project) -> Here:
    """Log in a person of the project, whose tenant was discovered and read."""
    now = timezone.now()
    user = User.objects.create(issuer=issuer.url, subject=f"sub-{project.name}", username=project.name)
    token = issuer.token(
        sub=user.subject,
        preferred_username=project.name,
        email=f"{project.name}@example.org",
        groups=[project.member],
        exp=int((now + LASTS).timestamp()),
    )
    grant = Grant.objects.create(
        user=user,
        session_key=f"session-{project.name}",
        access_token=crypto.encrypt(token.encode()).decode(),
        expires_at=now + LASTS,
        created_at=now,
        renewed_at=now,
    )
    discovery.discover(user, grant.pk, location_row(devcloud))
    tenant = Tenant.objects.select_related("project", "location").get(external_name=project.name)
    here = Here(project, Visit(user, tenant, Role.MEMBER), grant.pk)
    here.look()
    here.visit.tenant.refresh_from_db()
    return here
