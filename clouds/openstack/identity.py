"""What Keystone knows about a person: projects and roles."""

from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from clouds.openstack.inventory.values import Row
from clouds.openstack.paging import part_of, read_all
from clouds.openstack.services import Endpoint, Service
from clouds.openstack.session import AuthState, Connection, Federation


@dataclass(frozen=True, slots=True)
class CloudProject:
    """A project that the person has a role in. Only a token scoped to it says which role."""

    external_id: str
    name: str
    domain_id: str = ""
    description: str = ""
    enabled: bool = True


class _Project(BaseModel):
    model_config = ConfigDict(frozen=True)

    external_id: str = Field(validation_alias="id")
    name: str
    domain_id: str | None = None
    description: str | None = None
    enabled: bool = True


_PROJECTS = TypeAdapter(list[_Project])
_ROLES = TypeAdapter(list[Row])


def projects(federation: Federation, unscoped: AuthState, *, request_id: str | None = None) -> list[CloudProject]:
    """List the person's enabled projects by name (GET /v3/auth/projects, paged where the cloud pages).

    Works with a scoped state too. Unauthorized if the token has expired.
    """
    endpoint = Endpoint(Service.IDENTITY, federation.auth_url.rstrip("/"))
    with Connection(federation, unscoped, [endpoint], request_id=request_id) as connection:
        # Keystone has no limit here before 2024.1 and refuses unknown parameters in strict installations.
        rows = read_all(connection, Service.IDENTITY, "/auth/projects", "projects", _PROJECTS, limited=False)
    found = [
        CloudProject(row.external_id, row.name, row.domain_id or "", row.description or "", row.enabled) for row in rows
    ]
    return sorted((project for project in found if project.enabled), key=lambda p: (p.name, p.external_id))


def roles(state: AuthState) -> tuple[str, ...]:
    """Return the person's role names in the project of a scoped state, as the token has them."""
    return state.roles


def roles_now(connection: Connection) -> dict[str, str]:
    """Return the ids of the person's current roles in the connection's project, by name (GET /auth/tokens).

    A state holds the roles from when its token was issued, including those revoked since; validating the token itself
    gives the current ones. Unauthorized or NotFound: none are left.
    """
    url = f"{connection.endpoint(Service.IDENTITY).for_project(None)}/auth/tokens"
    told = {"X-Subject-Token": connection.state.token}
    response = connection.http.request(Service.IDENTITY, "GET", url, headers=told, authenticated=True)
    return {role.name: role.external_id for role in part_of(Service.IDENTITY, response, ("token", "roles"), _ROLES)}
