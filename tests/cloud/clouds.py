"""The running clouds as tests of `clouds/` and the portal need them: the SDK's own view beside ours."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from openstack.connection import Connection as SdkConnection

from clouds.openstack import catalog, session
from clouds.openstack.paging import PAGE
from clouds.openstack.services import Endpoint
from clouds.openstack.session import AuthState, Connection, Federation


def state_of(connection: SdkConnection) -> AuthState:
    """Convert the SDK's own login to our state, so that both use the same token."""
    plugin: Any = connection.session.auth
    access = plugin.get_access(connection.session)
    return AuthState(
        data=plugin.get_auth_state(),
        expires_at=access.expires.replace(tzinfo=UTC) if access.expires else datetime.now(UTC),
        user_id=access.user_id,
        user_name=access.username,
        project_id=access.project_id,
        project_name=access.project_name,
        roles=tuple(access.role_names),
    )


def federation_of(connection: SdkConnection) -> Federation:
    """Return how people log in to the location."""
    return Federation(connection.config.get_auth_args()["auth_url"], region=connection.config.get_region_name() or "")


def endpoints_of(connection: SdkConnection) -> Sequence[Endpoint]:
    """Discover the location's endpoints. AssertionError if a service is missing."""
    with session.connect(federation_of(connection), state_of(connection)) as ours:
        seen = catalog.discover(ours)
    assert seen.faults == {}
    return seen.endpoints


def ours(connection: SdkConnection, page_size: int = PAGE) -> Connection:
    """Return our connection with the SDK's token."""
    known = federation_of(connection), state_of(connection), endpoints_of(connection)
    return session.connect(*known, page_size=page_size)
