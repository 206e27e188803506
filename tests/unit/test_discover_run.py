"""What one location says about one person, and what is believed when it says nothing."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import requests
import requests_mock
from django.core.cache import cache
from django.utils import timezone

from portal.identity import vault
from portal.identity.models import EndReason, Grant
from projects.discovery import discovering
from projects.models import Discovery, Location, Membership, Tenant
from projects.tasks import discover as discover_task
from services.openstack import tokens
from tests.unit.clouds_fake import KEYSTONE, PROJECT, WAY_IN, FakeCloud
from tests.unit.projects_fixtures import make_grant, make_location, make_member, make_tenant, make_user

REFUSAL = {"status_code": 401, "json": {"error": {"message": "The request requires authentication."}}}

pytestmark = pytest.mark.django_db


@pytest.fixture
def cloud() -> Iterator[FakeCloud]:
    with requests_mock.Mocker() as mock:
        yield FakeCloud(mock)


@pytest.fixture
def north(cloud: FakeCloud) -> Location:
    location = make_location(cloud=cloud)
    cache.delete(f"endpoints:{location.pk}")
    return location


@pytest.fixture
def grant() -> Grant:
    return make_grant(make_user())


def discover(grant: Grant, location: Location) -> Discovery:
    discovering.discover(grant.user, grant.pk, location)
    location.refresh_from_db()
    return Discovery.objects.get(user=grant.user, location=location)


def mine(grant: Grant) -> set[str]:
    return set(Membership.objects.filter(user=grant.user).values_list("tenant__external_id", flat=True))


def name_projects(cloud: FakeCloud, *projects: str) -> None:
    rows = [{"id": one, "name": one, "domain_id": "default", "enabled": True} for one in projects]
    cloud.mock.get(f"{KEYSTONE}/auth/projects", json={"projects": rows, "links": {"next": None}})


def test_projects_and_roles_become_tenants_and_memberships(grant: Grant, north: Location) -> None:
    discovery = discover(grant, north)

    membership = Membership.objects.get()
    assert (membership.tenant.handle, membership.role, membership.cloud_roles) == (
        "atlas@north",
        "member",
        ["member", "reader"],
    )
    assert (discovery.found, discovery.reason) == (1, "")
    assert north.health == Location.Health.ANSWERS


def test_the_token_of_a_project_is_kept_for_its_refresh(grant: Grant, north: Location) -> None:
    discover(grant, north)

    state = tokens.recall(Tenant.objects.get(), grant.pk)
    assert state
    assert state.project_id == PROJECT


def test_a_role_that_is_lost_ends_the_membership_and_keeps_the_tenant(
    cloud: FakeCloud, grant: Grant, north: Location
) -> None:
    discover(grant, north)
    name_projects(cloud)

    assert discover(grant, north).found == 0

    assert mine(grant) == set()
    assert Tenant.objects.count() == 1


def test_memberships_of_others_and_elsewhere_stay(cloud: FakeCloud, grant: Grant, north: Location) -> None:
    tenant = make_tenant(north)
    make_member(make_user("reader"), tenant)
    elsewhere = make_tenant(make_location("south"), external_id="south-atlas")
    make_member(grant.user, elsewhere)
    name_projects(cloud)

    discover(grant, north)

    assert Membership.objects.count() == 2


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ({"exc": requests.exceptions.ConnectTimeout}, "did not accept a connection in time"),
        ({"exc": requests.exceptions.ReadTimeout}, "did not answer in time"),
        ({"status_code": 502, "text": "<html>Bad gateway</html>"}, "returned an error (502)"),
        ({"status_code": 201, "text": "<html>Welcome</html>"}, "has no token"),
        ({"status_code": 429, "headers": {"Retry-After": "7"}}, "too many requests"),
    ],
)
def test_an_outage_leaves_the_memberships_and_says_why(
    cloud: FakeCloud, grant: Grant, north: Location, answer: dict[str, Any], reason: str
) -> None:
    discover(grant, north)
    Membership.objects.update(confirmed_at=timezone.now() - timedelta(days=3))
    cloud.mock.post(WAY_IN, **answer)

    discovery = discover(grant, north)

    assert reason in discovery.reason
    assert discovery.found == 1
    assert mine(grant) == {PROJECT}
    assert north.health == Location.Health.DOWN
    assert reason in north.reason


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_refusal_hides_what_is_remembered_after_a_quarter_of_an_hour(
    cloud: FakeCloud, grant: Grant, north: Location, status: int
) -> None:
    discover(grant, north)
    cloud.mock.post(WAY_IN, **REFUSAL | {"status_code": status})

    assert f"({status})" in discover(grant, north).reason
    assert mine(grant) == {PROJECT}
    assert north.health == Location.Health.ANSWERS

    Membership.objects.update(confirmed_at=timezone.now() - timedelta(minutes=16))
    discover(grant, north)
    assert mine(grant) == set()


def test_a_project_whose_token_fails_by_an_outage_stays_and_one_refused_goes(
    cloud: FakeCloud, grant: Grant, north: Location
) -> None:
    discover(grant, north)
    name_projects(cloud, PROJECT, "other")
    make_member(grant.user, make_tenant(north, "other", "other"))
    cloud.mock.post(f"{KEYSTONE}/auth/tokens", status_code=503)
    discover(grant, north)
    assert mine(grant) == {PROJECT, "other"}

    cloud.mock.post(f"{KEYSTONE}/auth/tokens", **REFUSAL)
    discover(grant, north)
    assert mine(grant) == set()


def test_a_discovery_that_began_earlier_does_not_bring_a_lost_role_back(
    cloud: FakeCloud, grant: Grant, north: Location
) -> None:
    name_projects(cloud)
    Discovery.objects.create(user=grant.user, location=north, tried_at=timezone.now() + timedelta(seconds=5))
    with requests_mock.Mocker() as mock:
        FakeCloud(mock)
        discovering.discover(grant.user, grant.pk, north)

    assert mine(grant) == set()


def test_a_login_that_has_ended_is_not_taken_for_a_lost_role(cloud: FakeCloud, grant: Grant, north: Location) -> None:
    discover(grant, north)
    vault.end(grant.pk, EndReason.LOGOUT)

    discovering.discover(grant.user, grant.pk, north)

    assert mine(grant) == {PROJECT}


def test_a_location_without_a_region_takes_the_only_one_and_refuses_to_guess(
    cloud: FakeCloud, grant: Grant, north: Location
) -> None:
    Location.objects.update(region="")
    north.refresh_from_db()

    assert "several regions (far, north)" in discover(grant, north).reason
    assert mine(grant) == set()


def test_who_comes_while_a_location_is_down_is_told_without_asking_it(
    cloud: FakeCloud, grant: Grant, north: Location
) -> None:
    Location.objects.update(
        health=Location.Health.DOWN, reason="Gone.", next_try_at=timezone.now() + timedelta(minutes=1)
    )

    discover_task(str(grant.pk), north.pk)

    assert Discovery.objects.get().reason == "Gone."
    assert cloud.mock.call_count == 0


def test_the_endpoints_are_found_by_the_first_discovery(cloud: FakeCloud, grant: Grant, north: Location) -> None:
    north.services.all().delete()

    discover(grant, north)

    found = dict(north.services.values_list("service", "max_microversion"))
    assert found["compute"] == "2.96"
    assert set(found) == {"identity", "compute", "network", "block-storage", "image", "object-store"}
