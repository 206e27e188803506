"""What stands around a page: the plate, the menu, the crumbs, from the person's memberships."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.identity.models import User
from portal.ui.shell import Crumb, NavGroup, NavItem, Place, ProjectLink, Shell, Stamp
from projects import access
from projects.access import Visit
from projects.models import Location, Tenant
from projects.pages import health, live
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


# The menu of a tenant: key (also the name of the list's address), label, icon, where its count stands in the figures.
MENU: Sequence[tuple[Any, Sequence[tuple[str, Any, str, tuple[str, str]]]]] = (
    (
        gettext_lazy("Compute"),
        (
            ("servers", gettext_lazy("Servers"), "server", ("servers", "total")),
            ("images", gettext_lazy("Images"), "image", ("images", "total")),
            ("key-pairs", gettext_lazy("Key pairs"), "key-round", ("key_pairs", "total")),
        ),
    ),
    (
        gettext_lazy("Storage"),
        (
            ("volumes", gettext_lazy("Volumes"), "hard-drive", ("volumes", "total")),
            ("snapshots", gettext_lazy("Snapshots"), "camera", ("snapshots", "total")),
            ("containers", gettext_lazy("Containers"), "folder-open", ("containers", "total")),
        ),
    ),
    (
        gettext_lazy("Network"),
        (
            ("networks", gettext_lazy("Networks"), "network", ("networks", "visible")),
            ("routers", gettext_lazy("Routers"), "route", ("routers", "total")),
            ("floating-ips", gettext_lazy("Floating IPs"), "globe", ("floating_ips", "total")),
            ("security-groups", gettext_lazy("Security groups"), "shield", ("security_groups", "total")),
        ),
    ),
    # Pages of `services`, which have no count here.
    (
        gettext_lazy("Take away"),
        (
            ("cli", gettext_lazy("CLI access"), "terminal", ("", "")),
            ("service-users", gettext_lazy("Service users"), "bot", ("", "")),
        ),
    ),
)

# What a Cloud Foundry space has here.
SPACE_MENU = ((gettext_lazy("Take away"), (("cli", gettext_lazy("CLI access"), "terminal", ("", "")),)),)


def pages_of(tenant: Tenant) -> list[NavItem]:
    """Every page of its menu, without counts."""
    here = f"/{tenant.handle}/"
    read = tenant.location.kind == Location.Kind.OPENSTACK
    entries = [entry for _title, entries in (MENU if read else SPACE_MENU) for entry in entries]
    items = [NavItem(key, label, f"{here}{key}/", icon) for key, label, icon, _figure in entries]
    return [*items, *([operations_of(tenant)] if read else [])]


def operations_of(tenant: Tenant) -> NavItem:
    """The entry of its audit log."""
    return NavItem("operations", _("Operations"), f"/{tenant.handle}/operations/", "activity")


def tenant_shell(
    visit: Visit, spots: Sequence[Spot], *, active: str, crumbs: Sequence[Crumb], stamp: Stamp | None
) -> Shell:
    """The frame of a page about one tenant. `crumbs` are the steps after the tenant; empty on its overview."""
    tenant = visit.tenant
    here = f"/{tenant.handle}/"
    # Key pairs are counted for each person alone.
    figures: dict[str, dict[str, Any]] = {**tenant.figures, "key_pairs": {"total": visit.key_pairs}}
    read = tenant.location.kind == Location.Kind.OPENSTACK
    groups = [NavGroup([NavItem("overview", _("Overview"), here, "layout-dashboard")])] if read else []
    for title, entries in MENU if read else SPACE_MENU:
        items = [
            NavItem(key, label, f"{here}{key}/", icon, figures.get(part, {}).get(figure))
            for key, label, icon, (part, figure) in entries
        ]
        groups.append(NavGroup(items, title))
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
    """The frame of a page above the projects: welcome, locations."""
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
    """The person's projects, each with the number of its locations."""
    names: dict[str, str] = {}
    counts: dict[str, int] = {}
    for spot in spots:
        names[spot.slug] = spot.project
        counts[spot.slug] = counts.get(spot.slug, 0) + 1
    return [ProjectLink(name, f"/projects/{slug}/", counts[slug], slug == current) for slug, name in names.items()]


def places(spots: Sequence[Spot], project: str, current: str = "") -> list[Place]:
    """The locations of a project, as tabs on the plate."""
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
    """The project's other locations that are well: what to say beside "south is not answering"."""
    return [
        spot.location
        for spot in spots
        if spot.slug == tenant.project.slug
        and spot.location != tenant.location.name
        and spot.health == Location.Health.ANSWERS
    ]
