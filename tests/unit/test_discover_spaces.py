"""Whose space: what a foundation says about one person, and what is believed when it says nothing."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import requests
import requests_mock
from django.core.cache import cache
from django.utils import timezone
from pytest_django.fixtures import Settings

from clouds.cloudfoundry.http import Part
from devfoundation.settings import SPACES
from portal.identity import crypto
from portal.identity.models import Grant
from projects import onboarding
from projects.models import Discovery, Location, Membership, Project, Tenant
from projects.refresh import claims, refreshing
from projects.tasks import discover as discover_task
from projects.tasks import locations as locations_task
from services.cloudfoundry import locations as foundations
from services.cloudfoundry.platform import CloudFoundry
from tests.providers.foundation import RunningFoundation
from tests.unit.projects_fixtures import make_grant, make_location, make_member, make_tenant, make_user

pytestmark = pytest.mark.django_db

ANSWER = requests_mock.ANY


@pytest.fixture
def north_cf(foundation: RunningFoundation) -> Location:
    given = {"auth_url": foundation.api, "identity_provider": "meshdeck", "ca_bundle": ""}
    platform = CloudFoundry()
    location = onboarding.save("north-cf", platform, platform.examine(given))
    cache.delete(f"endpoints:{location.pk}")
    return location


def login(foundation: RunningFoundation, username: str) -> Grant:
    """Return a live login with the access token that the provider gave the portal."""
    grant = make_grant(make_user(username))
    token: str = foundation.provider.tokens(username)["access_token"]
    grant.access_token = crypto.encrypt(token.encode()).decode()
    grant.save()
    return grant


@pytest.fixture
def member(foundation: RunningFoundation) -> Grant:
    return login(foundation, "member")


@pytest.fixture
def faulty() -> Iterator[requests_mock.Mocker]:
    """Return a foundation that answers as a test says; nothing else is reached."""
    with requests_mock.Mocker() as mock:
        yield mock


def discover(grant: Grant, location: Location) -> Discovery:
    discover_task(str(grant.pk), location.pk)
    location.refresh_from_db()
    return Discovery.objects.get(user=grant.user, location=location)


@pytest.mark.parametrize(("username", "role"), [("admin", "admin"), ("member", "member"), ("reader", "reader")])
def test_a_space_becomes_a_tenant_and_a_role_a_membership(
    foundation: RunningFoundation, north_cf: Location, username: str, role: str
) -> None:
    discovery = discover(login(foundation, username), north_cf)

    membership = Membership.objects.get()
    tenant = membership.tenant
    assert (tenant.handle, membership.role) == ("atlas@north-cf", role)
    assert (tenant.external_id, tenant.external_name, tenant.space) == (SPACES[0].guid, "atlas", "production")
    assert (discovery.found, discovery.reason) == (1, "")
    assert north_cf.health == Location.Health.ANSWERS


def test_an_organization_is_the_project_of_its_name_in_other_locations(north_cf: Location, member: Grant) -> None:
    atlas = make_tenant(make_location("north")).project

    discover(member, north_cf)

    assert Tenant.objects.get(location=north_cf).project == atlas
    assert Project.objects.count() == 1


def test_a_second_space_of_an_organization_is_a_project_of_its_own(north_cf: Location, member: Grant) -> None:
    other = make_tenant(north_cf, external_id="space-0")
    Tenant.objects.filter(pk=other.pk).update(space="staging")

    discover(member, north_cf)

    assert Tenant.objects.get(space="production").project.name == "atlas (production)"
    assert Tenant.objects.get(space="production").handle == "atlas-production@north-cf"


def test_a_stranger_has_none(foundation: RunningFoundation, north_cf: Location) -> None:
    assert discover(login(foundation, "stranger"), north_cf).found == 0
    assert not Membership.objects.exists()


def test_who_lost_the_space_loses_the_membership_and_nobody_else(
    foundation: RunningFoundation, north_cf: Location, member: Grant
) -> None:
    discover(member, north_cf)
    tenant, stranger = Tenant.objects.get(), login(foundation, "stranger")
    make_member(stranger.user, tenant)

    discover(stranger, north_cf)

    assert list(Membership.objects.values_list("user__username", flat=True)) == ["member"]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ({"exc": requests.exceptions.ConnectTimeout}, "UAA did not accept a connection in time"),
        ({"status_code": 502, "text": "<html>Bad gateway</html>"}, "UAA returned an error (502)"),
        ({"text": "<html>Welcome</html>"}, "UAA's response is not JSON"),
    ],
)
def test_an_outage_leaves_the_memberships_and_says_why(
    north_cf: Location, member: Grant, faulty: requests_mock.Mocker, answer: dict[str, Any], reason: str
) -> None:
    faulty.register_uri(ANSWER, ANSWER, real_http=True)
    discover(member, north_cf)
    Membership.objects.update(confirmed_at=timezone.now() - timedelta(days=3))
    uaa = north_cf.services.get(service=Part.UAA).url
    faulty.post(f"{uaa}/oauth/token", **answer)
    faulty.get(f"{uaa}/info", **answer)

    discovery = discover(member, north_cf)

    assert reason in discovery.reason
    assert Membership.objects.count() == 1
    assert north_cf.health == Location.Health.DEGRADED


def test_a_foundation_that_is_away_is_down_and_left_alone(
    north_cf: Location, member: Grant, faulty: requests_mock.Mocker
) -> None:
    faulty.register_uri(ANSWER, ANSWER, exc=requests.exceptions.ConnectionError)

    discovery = discover(member, north_cf)

    assert "can't be reached" in discovery.reason
    assert north_cf.health == Location.Health.DOWN
    asked = faulty.call_count
    discover(member, north_cf)
    assert faulty.call_count == asked


def test_a_refusal_that_lasts_ends_the_membership(north_cf: Location, member: Grant, settings: Settings) -> None:
    discover(member, north_cf)
    settings.CLOUDFOUNDRY_CLIENT_ID = "nobody"

    assert "not from the portal's client nobody (401)" in discover(member, north_cf).reason
    assert Membership.objects.count() == 1
    Membership.objects.update(confirmed_at=timezone.now() - settings.REFUSAL_GRACE - timedelta(minutes=1))
    discover(member, north_cf)
    assert not Membership.objects.exists()


def test_a_space_has_no_inventory_to_refresh(north_cf: Location, member: Grant, faulty: requests_mock.Mocker) -> None:
    tenant = make_tenant(north_cf)
    claim = claims.take(tenant.pk, older_than=timedelta(0))
    assert claim

    refreshing.refresh(tenant.pk, member.pk, claim, asked=True)

    assert faulty.call_count == 0
    tenant.refresh_from_db()
    assert tenant.refreshed_at is None


def test_the_regular_check_asks_a_foundation_for_each_part(north_cf: Location) -> None:
    locations_task.check_locations()

    north_cf.refresh_from_db()
    assert north_cf.health == Location.Health.ANSWERS
    assert set(north_cf.services.filter(answers=True).values_list("service", flat=True)) == {
        Part.CLOUD_CONTROLLER,
        Part.UAA,
        Part.LOGIN,
    }


def test_try_now_asks_a_foundation_whose_backoff_still_runs(north_cf: Location) -> None:
    later = timezone.now() + timedelta(minutes=5)
    Location.objects.filter(pk=north_cf.pk).update(health=Location.Health.DOWN, next_try_at=later)

    locations_task.check_location(north_cf.pk)

    north_cf.refresh_from_db()
    assert north_cf.health == Location.Health.ANSWERS


def test_a_foundation_that_moved_is_found_again_at_its_root(north_cf: Location, foundation: RunningFoundation) -> None:
    north_cf.services.filter(service=Part.UAA).update(url="https://gone.test")

    assert foundations.foundation_of(north_cf).uaa_url == foundation.uaa
    assert north_cf.services.get(service=Part.UAA).url == foundation.uaa
