"""Keystone projects of the same name are one Project, whoever finds them first."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from projects.discovery.grouping import tenant_of
from projects.discovery.roles import strongest
from projects.models import Location, Project, Role, Tenant
from projects.platforms import Place
from tests.unit.projects_fixtures import make_location

pytestmark = pytest.mark.django_db


@pytest.fixture
def north() -> Location:
    return make_location("north")


@pytest.fixture
def south() -> Location:
    return make_location("south")


def seen(external_id: str, name: str = "atlas", domain: str = "default", description: str = "") -> Place:
    return Place(external_id, name, domain, description)


def test_the_same_name_in_two_locations_is_one_project(north: Location, south: Location) -> None:
    first, second = tenant_of(north, seen("n1")), tenant_of(south, seen("s1", description="Shop"))

    assert first.project == second.project
    assert (first.handle, second.handle) == ("atlas@north", "atlas@south")
    assert Project.objects.get().description == "Shop"


def test_found_again_it_is_the_same_tenant(north: Location) -> None:
    assert tenant_of(north, seen("n1")) == tenant_of(north, seen("n1"))
    assert Project.objects.count() == 1


def test_the_same_name_in_two_domains_of_a_location_is_two_projects(north: Location, south: Location) -> None:
    first = tenant_of(north, seen("n1", domain="default"))
    second = tenant_of(north, seen("n2", domain="partners"))

    assert (first.project.name, second.project.name) == ("atlas", "atlas (partners)")
    assert (first.handle, second.handle) == ("atlas@north", "atlas-partners@north")
    assert tenant_of(south, seen("s2", domain="partners")).project == first.project


@pytest.mark.parametrize(
    ("names", "slugs"),
    [
        (["Web Shop", "web-shop", "web shop!"], ["web-shop", "web-shop-2", "web-shop-3"]),
        (["проект", "项目"], ["project", "project-2"]),
        (["x" * 250, "x" * 251], ["x" * 94, "x" * 94 + "-2"]),
    ],
)
def test_names_that_make_the_same_slug_get_a_number(north: Location, names: list[str], slugs: list[str]) -> None:
    assert [tenant_of(north, seen(f"id-{n}", name)).project.slug for n, name in enumerate(names)] == slugs


def test_a_renamed_project_follows_its_name(north: Location, south: Location) -> None:
    tenant_of(north, seen("n1"))
    tenant_of(south, seen("s1"))

    renamed = tenant_of(north, seen("n1", "zephyr"))

    assert renamed.handle == "zephyr@north"
    assert Tenant.objects.get(location=south).handle == "atlas@south"


def test_a_project_that_nobody_is_in_any_more_goes_with_its_name(north: Location) -> None:
    tenant_of(north, seen("n1"))

    tenant_of(north, seen("n1", "zephyr"))

    assert [project.name for project in Project.objects.all()] == ["zephyr"]


def test_a_pinned_tenant_stays_where_the_operator_put_it(north: Location) -> None:
    tenant = tenant_of(north, seen("n1"))
    Tenant.objects.update(pinned=True)

    assert tenant_of(north, seen("n1", "zephyr")).project == tenant.project
    assert Tenant.objects.get().external_name == "zephyr"


@pytest.mark.django_db(transaction=True)
def test_workers_that_find_the_same_projects_at_once_make_them_once() -> None:
    places = [make_location(name) for name in ("north", "south", "east", "west")]
    together = Barrier(8)

    def find(number: int) -> int:
        together.wait()
        try:
            return tenant_of(places[number % 4], seen("same-id")).project_id
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        projects = set(pool.map(find, range(8)))

    assert len(projects) == Project.objects.count() == 1
    assert Tenant.objects.count() == 4


@pytest.mark.parametrize(
    ("cloud_roles", "role"),
    [
        (["admin"], Role.ADMIN),
        (["manager", "member", "reader"], Role.ADMIN),
        (["reader", "member"], Role.MEMBER),
        (["_member_"], Role.MEMBER),
        (["reader"], Role.READER),
        (["load-balancer_member", "creator"], Role.READER),
        (["Member"], Role.MEMBER),
    ],
)
def test_the_strongest_of_the_clouds_roles_counts_and_unknown_ones_only_look(
    cloud_roles: list[str], role: Role
) -> None:
    assert strongest(cloud_roles) == role
