"""A project of its own in a real cloud, with quota for hundreds of resources, and a person logged in to it."""

from contextlib import ExitStack
from datetime import timedelta
from typing import Any

from django.utils import timezone
from openstack.connection import Connection

from portal.identity import crypto
from portal.identity.models import Grant, User
from tests.support.issuer import Issuer

LASTS = timedelta(hours=2)
ROOM = 500


def own_project(admin: Connection, name: str, stack: ExitStack) -> Any:
    """Create a project that ends with the stack, and its members' group `<name>-member`."""
    project = admin.identity.create_project(name=name, domain_id="default")
    stack.callback(admin.identity.delete_project, project)
    group = admin.identity.create_group(name=f"{name}-member", domain_id="default")
    stack.callback(admin.identity.delete_group, group)
    admin.identity.assign_project_role_to_group(project, group, admin.identity.find_role("member"))
    # The cloud's own admin inspects the project and cleans up.
    admin.identity.assign_project_role_to_user(project, admin.current_user_id, admin.identity.find_role("admin"))
    admin.set_compute_quotas(project.id, instances=ROOM, cores=ROOM, ram=ROOM * 1024)
    admin.set_volume_quotas(project.id, volumes=ROOM, gigabytes=ROOM * 10, snapshots=ROOM)
    admin.set_network_quotas(project.id, security_group=ROOM, security_group_rule=ROOM * 4, port=ROOM)
    return project


def log_in(issuer: Issuer, name: str) -> tuple[User, Grant]:
    """Log in a person of the group `<name>-member` for the whole run."""
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


def empty(sdk: Connection) -> None:
    """Delete everything in the project."""
    for server in sdk.compute.servers():
        sdk.compute.delete_server(server)
    for server in list(sdk.compute.servers()):
        sdk.compute.wait_for_delete(server)
    for volume in sdk.block_storage.volumes():
        sdk.block_storage.delete_volume(volume)
    for network in sdk.network.networks(project_id=sdk.current_project_id):
        sdk.network.delete_network(network)
    for group in sdk.network.security_groups(project_id=sdk.current_project_id):
        if group.name != "default":
            sdk.network.delete_security_group(group)
