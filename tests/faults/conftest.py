"""A project of its own with room for hundreds of things, and a person in it whose login lasts for the whole run."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone
from openstack.connection import Connection

from portal.identity import crypto
from portal.identity.models import Grant, User
from projects.access import Visit
from projects.discovery import run as discovery
from projects.models import Role, Tenant
from tests.cloud.conftest import Devcloud, devcloud, issuer
from tests.cloud.people import location_row
from tests.support.issuer import Issuer
from tests.support.workers import Workers

__all__ = ["devcloud", "issuer"]  # fixtures

LASTS = timedelta(hours=1)
ROOM = 500


@dataclass
class Place:
    """Where operations are asked for, and what the cloud itself says of it."""

    visit: Visit
    grant: Grant
    sdk: Connection

    @property
    def tenant(self) -> Tenant:
        """The tenant."""
        return self.visit.tenant


@pytest.fixture
def place(devcloud: Devcloud, issuer: Issuer) -> Iterator[Place]:
    """The project `faults-…`, and afterwards nothing of it."""
    with ExitStack() as stack:
        admin = stack.enter_context(devcloud.connect("north-admin"))
        name = f"faults-{uuid4().hex[:8]}"
        project = _project(admin, name, stack)
        sdk = stack.enter_context(admin.connect_as_project(project))
        stack.callback(_empty, sdk)
        user, grant = _log_in(issuer, name)
        location = location_row(devcloud)
        discovery.discover(user, grant.pk, location)
        tenant = Tenant.objects.select_related("project", "location").get(external_name=name)
        yield Place(Visit(user, tenant, Role.MEMBER), grant, sdk)


@pytest.fixture
def workers(tmp_path: Path) -> Iterator[Workers]:
    """Workers to be killed, none yet."""
    workers = Workers(tmp_path / "worker.log")
    yield workers
    workers.stop()


def _project(admin: Connection, name: str, stack: ExitStack) -> Any:
    project = admin.identity.create_project(name=name, domain_id="default")
    stack.callback(admin.identity.delete_project, project)
    group = admin.identity.create_group(name=f"{name}-member", domain_id="default")
    stack.callback(admin.identity.delete_group, group)
    admin.identity.assign_project_role_to_group(project, group, admin.identity.find_role("member"))
    # The cloud's own admin looks in, and cleans up.
    admin.identity.assign_project_role_to_user(project, admin.current_user_id, admin.identity.find_role("admin"))
    admin.set_compute_quotas(project.id, instances=ROOM, cores=ROOM, ram=ROOM * 1024)
    admin.set_volume_quotas(project.id, volumes=ROOM, gigabytes=ROOM * 10, snapshots=ROOM)
    admin.set_network_quotas(project.id, security_group=ROOM, security_group_rule=ROOM * 4, port=ROOM)
    return project


def _log_in(issuer: Issuer, name: str) -> tuple[User, Grant]:
    now = timezone.now()
    user = User.objects.create(issuer=issuer.url, subject=f"sub-{name}", username=name)
    token = issuer.token(
        sub=user.subject,
        preferred_username=name,
        email=f"{name}@example.org",
        groups=[f"{name}-member"],
        exp=int((now + LASTS).timestamp()),
    )
    grant = Grant.objects.create(
        user=user,
        session_key=f"session-{name}",
        access_token=crypto.encrypt(token.encode()).decode(),
        expires_at=now + LASTS,
        created_at=now,
        renewed_at=now,
    )
    return user, grant


def _empty(sdk: Connection) -> None:
    """Everything that the run made goes."""
    for server in sdk.compute.servers():
        sdk.compute.delete_server(server)
    for server in list(sdk.compute.servers()):
        sdk.compute.wait_for_delete(server)
    for volume in sdk.block_storage.volumes():
        sdk.block_storage.delete_volume(volume)
    for group in sdk.network.security_groups(project_id=sdk.current_project_id):
        if group.name != "default":
            sdk.network.delete_security_group(group)
