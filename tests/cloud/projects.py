"""Projects that no other test knows, for tests that change things: with their own quotas, and empty."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from uuid import uuid4

from openstack.connection import Connection as SdkConnection

from clouds.openstack import session
from clouds.openstack.services import Service
from clouds.openstack.session import Connection
from tests.cloud.clouds import endpoints_of, federation_of, state_of
from tests.cloud.conftest import Devcloud


@contextmanager
def own_project(devcloud: Devcloud) -> Iterator[SdkConnection]:
    """Yield a member's connection to a new project in north, which is deleted at the end."""
    admin = devcloud.connect("north-admin")
    created = admin.identity.create_project(name=f"own-{uuid4().hex[:8]}", domain_id="default")
    role, user = admin.identity.find_role("member"), next(admin.identity.users(name="member", domain_id="default"))
    admin.identity.assign_project_role_to_user(created, user, role)
    try:
        yield devcloud.connect("north-atlas-member").connect_as_project({"id": created.id})
    finally:
        for group in admin.network.security_groups(project_id=created.id, name="default"):
            admin.network.delete_security_group(group)  # Neutron's own, which only an administrator can delete
        admin.identity.delete_project(created)


def with_block_storage(connection: SdkConnection, newest: str) -> Connection:
    """Return our connection as if the location's block storage were of an older release."""
    endpoints = [
        replace(one, max_microversion=newest) if one.service is Service.BLOCK_STORAGE else one
        for one in endpoints_of(connection)
    ]
    return session.connect(federation_of(connection), state_of(connection), endpoints)
