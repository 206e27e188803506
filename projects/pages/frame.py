"""What stands around a page: the plate, the menu, the crumbs, from the person's memberships."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from portal.identity.models import User
from portal.ui.shell import Crumb, NavGroup, NavItem, Place, ProjectLink, Shell, Stamp
from projects import access
from projects.access import Visit
from projects.models import Location, Tenant
from projects.pages import health, live, menu
from projects.prepared import Prepared


@dataclass(frozen=True, slots=True)
class Spot:
    """One membership, as far as menus need it."""

    slug: str
    project: str
    location: str
    health: str

    @property
    def handle(self) -> str:
        return f"{self.slug}@{self.location}"


def spots_of(user: User) -> list[Spot]:
    """Where a person belongs, in the order of menus (one query)."""
    return [Spot(*row) for row in _SPOTS.rows(user=user.pk)]


_SPOTS = Prepared(
    lambda user: access.memberships(user).values_list(
        "tenant__project__slug", "tenant__project__name", "tenant__location__name", "tenant__location__health"
    ),
    user=-1,
)


def pages_of(tenant: Tenant) -> list[NavItem]:
    """Return every page of a tenant's menu, without counts."""
    items = [menu.item(entry, tenant) for _group, entries in menu.menu_of(tenant) for entry in entries]
    return [*items, *([operations_of(tenant)] if menu.has_inventory(tenant) else [])]


def operations_of(tenant: Tenant) -> NavItem:
    """Return the entry of its audit log."""
    url = reverse("operations", kwargs={"handle": tenant.handle})
    return NavItem("operations", _("Operations"), url, "activity")


def tenant_shell(
    visit: Visit, spots: Sequence[Spot], *, active: str, crumbs: Sequence[Crumb], stamp: Stamp | None
) -> Shell:
    """Return the frame of a page about one tenant. `crumbs` are the steps after the tenant; empty on its overview."""
    tenant = visit.tenant
    here = reverse("tenant", kwargs={"handle": tenant.handle})
    read = menu.has_inventory(tenant)
    groups = [NavGroup([NavItem("overview", _("Overview"), here, "layout-dashboard")])] if read else []
    for group, entries in menu.menu_of(tenant):
        groups.append(NavGroup([menu.item(entry, tenant, visit) for entry in entries], group.title))
    operations = operations_of(tenant)
    if read:
        groups.append(NavGroup([operations], _("Project")))
    title = f"{tenant.project.slug} @ {tenant.location.name}"
    first = [Crumb(title, here)] if crumbs else [Crumb(_("Projects"), "/"), Crumb(title)]
    return Shell(
        active=active,
        project=tenant.project.name,
        location=tenant.location.name,
        projects=project_links(spots, tenant.project.slug),
        places=places(spots, tenant.project.slug, tenant.location.name),
        groups=groups,
        crumbs=[*first, *crumbs],
        stamp=stamp,
        version=live.version_of(tenant),
        busy=visit.busy,
        operations_url=operations.url,
        running=visit.running,
    )


def site_shell(
    user: User, spots: Sequence[Spot], *, active: str, crumbs: Sequence[Crumb], stamp: Stamp | None = None
) -> Shell:
    """Return the frame of a page above the projects: welcome, locations."""
    locations = Location.objects.filter(enabled=True).count()
    links = project_links(spots)
    groups = [
        NavGroup(
            [
                NavItem("welcome", _("All projects"), "/", "layout-dashboard", len(links)),
                NavItem("locations", _("Locations"), reverse("locations"), "map-pin", locations),
            ]
        )
    ]
    if links:
        items = [NavItem(link.url, link.name, link.url, "folder-open", link.places) for link in links]
        groups.append(NavGroup(items, _("Projects")))
    return Shell(active=active, projects=links, groups=groups, crumbs=list(crumbs), stamp=stamp)


def project_links(spots: Sequence[Spot], current: str = "") -> list[ProjectLink]:
    """Return the person's projects, each with the number of its locations."""
    names: dict[str, str] = {}
    counts: dict[str, int] = {}
    for spot in spots:
        names[spot.slug] = spot.project
        counts[spot.slug] = counts.get(spot.slug, 0) + 1
    return [ProjectLink(name, f"/projects/{slug}/", counts[slug], slug == current) for slug, name in names.items()]


def places(spots: Sequence[Spot], project: str, current: str = "") -> list[Place]:
    """Return the locations of a project, as tabs on the plate."""
    return [
        Place(
            spot.location,
            f"/{spot.handle}/",
            health.role_of(spot.health),
            health.word_of(spot.health),
            spot.location == current,
        )
        for spot in spots
        if spot.slug == project
    ]


def others_that_answer(tenant: Tenant, spots: Sequence[Spot]) -> list[str]:
    """Return the project's other locations that are well: what to say beside "south is not answering"."""
    return [
        spot.location
        for spot in spots
        if spot.slug == tenant.project.slug
        and spot.location != tenant.location.name
        and spot.health == Location.Health.ANSWERS
    ]
