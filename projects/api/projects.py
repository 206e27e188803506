"""Projects: what a person chooses, each with its tenants."""

from collections.abc import Iterable
from typing import Annotated, Any

from django.http import Http404, HttpRequest
from ninja import Query, Router
from pydantic import Field

from projects import access, freshness
from projects.api.base import caller
from projects.api.paging import Asked, Page, known_only, page_of
from projects.api.shapes import Shape
from projects.models import Membership, Project

router = Router(tags=["projects"])


class Place(Shape):
    """A project's tenant at one location, and what I may do there: reader, member or admin."""

    handle: str
    location: str
    role: str


class ProjectRow(Shape):
    """A project of mine."""

    slug: str
    name: str
    description: str
    tenants: list[Place]


class ProjectsAsked(Asked):
    """What can be asked of the list."""

    q: str = Field("", max_length=200, description="A word in the name.")


@router.get(
    "/projects",
    response=Page[ProjectRow],
    operation_id="list_projects",
    url_name="list_projects",
    summary="My projects",
)
def index(request: HttpRequest, asked: Annotated[ProjectsAsked, Query()]) -> Any:
    """My projects with their tenants, by name."""
    known_only(request, ProjectsAsked)
    who = caller(request)
    freshness.discover_soon(who.grant)
    mine = list(access.with_inventory(who.user).select_related("tenant__project", "tenant__location"))
    rows = Project.objects.filter(pk__in={one.tenant.project_id for one in mine}).order_by("name", "pk")
    if asked.q.strip():
        rows = rows.filter(name__icontains=asked.q.strip())
    return Page[ProjectRow](**page_of(request, rows, asked, lambda row: _row(row, mine)))


@router.get(
    "/projects/{slug}",
    response=ProjectRow,
    operation_id="get_project",
    url_name="get_project",
    summary="One project of mine",
)
def show(request: HttpRequest, slug: str) -> ProjectRow:
    """Return a project; 404 for whoever belongs to none of its tenants."""
    mine = access.with_inventory(caller(request).user).filter(tenant__project__slug=slug)
    found = list(mine.select_related("tenant__project", "tenant__location"))
    if not found:
        raise Http404
    return _row(found[0].tenant.project, found)


def _row(project: Project, mine: Iterable[Membership]) -> ProjectRow:
    places = [
        Place(handle=one.tenant.handle, location=one.tenant.location.name, role=one.role)
        for one in mine
        if one.tenant.project_id == project.pk
    ]
    return ProjectRow(slug=project.slug, name=project.name, description=project.description, tenants=places)
