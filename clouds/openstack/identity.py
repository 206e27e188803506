"""What Keystone says about a person: which projects, which roles."""

from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from clouds.openstack.paging import read_all
from clouds.openstack.services import Endpoint, Service
from clouds.openstack.session import AuthState, Connection, Federation


@dataclass(frozen=True, slots=True)
class CloudProject:
    """A project that the person has a role in. Which role says only a token scoped to it."""

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


def projects(federation: Federation, unscoped: AuthState, *, request_id: str | None = None) -> list[CloudProject]:
    """The enabled projects of the person, by name (GET /v3/auth/projects, paged where the cloud pages).

    Works with a scoped state too. Unauthorized when the token has ended.
    """
    endpoint = Endpoint(Service.IDENTITY, federation.auth_url.rstrip("/"))
    with Connection(federation, unscoped, [endpoint], request_id=request_id) as connection:
        # Keystone has no limit here before 2024.1 and refuses unknown parameters in strict installations.
        rows = read_all(connection, Service.IDENTITY, "/auth/projects", "projects", _PROJECTS, page_size=None)
    found = [
        CloudProject(row.external_id, row.name, row.domain_id or "", row.description or "", row.enabled) for row in rows
    ]
    return sorted((project for project in found if project.enabled), key=lambda p: (p.name, p.external_id))


def roles(state: AuthState) -> tuple[str, ...]:
    """The person's role names in the project of a scoped state, as the token has them."""
    return state.roles
