"""All routers of the API with where they are mounted."""

from collections.abc import Iterator

from ninja import Router

from projects.api import (
    actions,
    changes,
    locations,
    me,
    operations,
    projects,
    search,
    tenants,
    usage,
)
from projects.api.kinds import router_of
from projects.api.routes import ROUTES
from projects.kinds import KINDS, Kind


def kinds() -> list[Kind]:
    """Return the kinds that the API gives."""
    return [kind for kind in KINDS.values() if kind.shape]


_IN_TENANT = "/tenants/{handle}"


def mounts() -> Iterator[tuple[str, Router]]:
    """Prefix and router of each part."""
    for part in (me, projects, locations, tenants, search):
        yield "", part.router
    for kind in kinds():
        yield _IN_TENANT, router_of(kind)
    for routes in ROUTES.values():
        yield _IN_TENANT, routes.router
    for part in (changes, usage, operations, actions):
        yield _IN_TENANT, part.router
