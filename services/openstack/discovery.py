"""Which projects a person has at an OpenStack location, and in which roles: Keystone says it, nobody else."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from clouds import errors
from clouds.errors import CloudError
from clouds.openstack import identity, session
from clouds.openstack.identity import CloudProject
from clouds.openstack.services import Service
from clouds.openstack.session import AuthState, Federation
from portal.identity import vault
from projects.models import Location, Tenant
from projects.platforms import Admitted, Discovered, Place
from services.openstack import tokens
from services.openstack.locations import discover_endpoints, federation_of, settle_region

_PARALLEL = 8


@dataclass(frozen=True, slots=True)
class _Seen:
    """A project with the token for it; `error` instead where Keystone gave none."""

    project: CloudProject
    state: AuthState | None
    error: CloudError | None


def discover(location: Location, grant: UUID) -> Discovered:
    """Ask Keystone for the person's projects and a token of each, which names their roles."""
    federation = federation_of(location)
    unscoped = session.unscoped(federation, vault.access_token(grant).value)
    seen = _roles(federation, unscoped, identity.projects(federation, unscoped))
    state = next((one.state for one in seen if one.state), None)
    if state:
        settle_region(location, state)
        discover_endpoints(location, state)
    return Discovered(
        admitted=[_admitted(one.project, one.state, grant) for one in seen if one.state],
        answered=[Service.IDENTITY.value],
        unsure=[one.project.external_id for one in seen if isinstance(one.error, errors.OUTAGES)],
    )


def _admitted(project: CloudProject, state: AuthState, grant: UUID) -> Admitted:
    place = Place(project.external_id, project.name, project.domain_id, project.description)
    return Admitted(place, sorted(state.roles), state.user_id, keep=partial(_remember, grant=grant, state=state))


def _remember(tenant: Tenant, *, grant: UUID, state: AuthState) -> None:
    tokens.remember(tenant, grant, state)


def _roles(federation: Federation, unscoped: AuthState, projects: Sequence[CloudProject]) -> list[_Seen]:
    """Get a token of each project, for its roles; in parallel."""

    def scoped(project: CloudProject) -> _Seen:
        try:
            return _Seen(project, session.scoped(federation, unscoped, project.external_id), None)
        except CloudError as error:
            return _Seen(project, None, error)

    with ThreadPoolExecutor(_PARALLEL, thread_name_prefix="discover") as pool:
        return list(pool.map(scoped, projects))
