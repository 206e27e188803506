"""Key pairs belong to a person: a refresh reads those of its login, and no member's refresh touches another's."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import requests_mock
from django.utils import timezone

from clouds.openstack import inventory, key_pairs
from portal.identity.models import Grant
from projects import observed
from projects.discovery import discovering as discovery
from projects.models import (
    Change,
    Location,
    Membership,
    Operation,
    OperationTarget,
    Tenant,
)
from projects.refresh import claims, refreshing
from projects.refresh.writing import write_inventory
from services.block_storage.models import VolumeType
from services.compute.models import KeyPair
from services.openstack import reading, tokens
from services.openstack.models import Zone
from tests.unit.clouds_fake import CINDER, KEYSTONE, NOVA, FakeCloud, key_pair
from tests.unit.projects_fixtures import make_grant, make_location, make_member, make_tenant, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def cloud() -> Iterator[FakeCloud]:
    with requests_mock.Mocker() as mock:
        yield FakeCloud(mock)


@pytest.fixture
def north(cloud: FakeCloud) -> Location:
    return make_location(cloud=cloud)


@pytest.fixture
def tenant(north: Location) -> Tenant:
    return make_tenant(north)


@pytest.fixture
def ann(tenant: Tenant) -> Grant:
    return join("ann", tenant)


@pytest.fixture
def bob(tenant: Tenant) -> Grant:
    return join("bob", tenant)


def join(name: str, tenant: Tenant) -> Grant:
    grant = make_grant(make_user(name))
    make_member(grant.user, tenant)
    return grant


def refresh(cloud: FakeCloud, tenant: Tenant, grant: Grant, *names: str, asked: bool = False) -> list[str]:
    """One refresh by this person's login, who has key pairs of these names. The paths that nova was asked for."""
    cloud.user_id = f"cloud-{grant.user.username}"
    cloud.key_pairs = [key_pair(name) for name in names]
    before = len(cloud.paths(NOVA))
    claim = claims.take(tenant.pk, older_than=timedelta(0))
    assert claim
    refreshing.refresh(tenant.pk, grant.pk, claim, asked=asked)
    tenant.refresh_from_db()
    return [path.rpartition("/")[2] for path in cloud.paths(NOVA)[before:]]


def discover(cloud: FakeCloud, grant: Grant, north: Location, user_id: str) -> None:
    cloud.user_id = user_id
    discovery.discover(grant.user, grant.pk, north)


def place(grant: Grant) -> Membership:
    return Membership.objects.get(user=grant.user)


def rows() -> set[tuple[str, str]]:
    return set(KeyPair.objects.values_list("user_id", "name"))


def test_the_rows_of_a_refresh_are_those_of_the_person_whose_login_it_uses(
    cloud: FakeCloud, tenant: Tenant, ann: Grant, bob: Grant
) -> None:
    refresh(cloud, tenant, ann, "laptop", "build")

    assert rows() == {("cloud-ann", "laptop"), ("cloud-ann", "build")}
    assert place(ann).cloud_user_id == "cloud-ann"
    assert place(ann).own_as_of
    assert (place(bob).cloud_user_id, place(bob).own_as_of) == ("", None)


def test_a_refresh_deletes_no_key_pair_of_another_member(
    cloud: FakeCloud, tenant: Tenant, ann: Grant, bob: Grant
) -> None:
    refresh(cloud, tenant, ann, "laptop", "build")
    refresh(cloud, tenant, bob, "laptop", "phone")
    assert rows() == {
        ("cloud-ann", "laptop"),
        ("cloud-ann", "build"),
        ("cloud-bob", "laptop"),
        ("cloud-bob", "phone"),
    }

    refresh(cloud, tenant, bob, asked=True)

    assert rows() == {("cloud-ann", "laptop"), ("cloud-ann", "build")}
    refresh(cloud, tenant, ann, "build", asked=True)
    assert rows() == {("cloud-ann", "build")}


def test_ones_own_key_pairs_are_read_although_another_has_just_read_all_the_rest(
    cloud: FakeCloud, tenant: Tenant, ann: Grant, bob: Grant
) -> None:
    assert "os-keypairs" in refresh(cloud, tenant, ann)

    assert sorted(refresh(cloud, tenant, bob)) == ["detail", "limits", "os-keypairs"]
    assert sorted(refresh(cloud, tenant, bob)) == ["detail", "limits"]
    assert sorted(refresh(cloud, tenant, ann)) == ["detail", "limits"]

    Membership.objects.update(own_as_of=timezone.now() - timedelta(minutes=3))
    assert sorted(refresh(cloud, tenant, bob)) == ["detail", "limits", "os-keypairs"]


def test_who_asks_gets_the_key_pairs_read(cloud: FakeCloud, tenant: Tenant, ann: Grant) -> None:
    refresh(cloud, tenant, ann)
    first = place(ann).own_as_of
    assert first

    assert "os-keypairs" in refresh(cloud, tenant, ann, "new", asked=True)

    assert rows() == {("cloud-ann", "new")}
    second = place(ann).own_as_of
    assert second
    assert second > first


def test_they_are_no_news_to_the_tenants_other_members(cloud: FakeCloud, tenant: Tenant, ann: Grant) -> None:
    refresh(cloud, tenant, ann, "secret-project")
    refresh(cloud, tenant, ann, "another", asked=True)

    assert not Change.objects.exists()
    assert "key_pairs" not in tenant.figures


def test_pages_hear_of_the_first_reading_and_of_what_differs(
    cloud: FakeCloud, tenant: Tenant, ann: Grant, bob: Grant
) -> None:
    refresh(cloud, tenant, ann)
    version = tenant.version
    Membership.objects.filter(user=bob.user).update(cloud_user_id="cloud-bob")  # as discovery does
    refresh(cloud, tenant, bob)  # has none, which nobody knew before
    assert tenant.version == version + 1
    refresh(cloud, tenant, bob, asked=True)
    assert tenant.version == version + 1
    refresh(cloud, tenant, bob, "laptop", asked=True)
    assert tenant.version == version + 2


def test_who_is_no_member_leaves_no_key_pairs(cloud: FakeCloud, tenant: Tenant, ann: Grant) -> None:
    Membership.objects.all().delete()

    refresh(cloud, tenant, ann, "laptop")

    assert rows() == set()
    assert tenant.servers.exists()


def test_who_loses_the_membership_while_the_cloud_is_read_leaves_none_either(
    cloud: FakeCloud, tenant: Tenant, ann: Grant
) -> None:
    claim = claims.take(tenant.pk, older_than=timedelta(0))
    assert claim
    reader = place(ann)
    with cloud.connection() as there:
        seen = reading.seen_of(inventory.read(there, slow=True), slow=True)
    Membership.objects.all().delete()

    assert write_inventory(tenant.pk, claim, seen, reader=reader)

    assert rows() == set()
    assert tenant.servers.exists()


def test_when_nova_is_down_the_key_pairs_stay_with_their_time(cloud: FakeCloud, tenant: Tenant, ann: Grant) -> None:
    refresh(cloud, tenant, ann, "laptop")
    as_of = place(ann).own_as_of
    cloud.mock.get(f"{NOVA}/os-keypairs", status_code=503)

    refresh(cloud, tenant, ann, asked=True)

    assert rows() == {("cloud-ann", "laptop")}
    assert place(ann).own_as_of == as_of


def test_discovery_writes_who_the_person_is_to_the_cloud(cloud: FakeCloud, ann: Grant, north: Location) -> None:
    discover(cloud, ann, north, "cloud-ann")

    assert place(ann).cloud_user_id == "cloud-ann"
    assert place(ann).own_as_of is None


def test_discovery_leaves_what_was_read_of_the_same_person(
    cloud: FakeCloud, tenant: Tenant, ann: Grant, north: Location
) -> None:
    refresh(cloud, tenant, ann, "laptop")
    as_of = place(ann).own_as_of

    discover(cloud, ann, north, "cloud-ann")

    assert place(ann).own_as_of == as_of
    assert rows() == {("cloud-ann", "laptop")}


def test_who_becomes_another_to_the_cloud_has_no_key_pairs_until_they_are_read(
    cloud: FakeCloud, tenant: Tenant, ann: Grant, bob: Grant, north: Location
) -> None:
    refresh(cloud, tenant, ann, "laptop")
    refresh(cloud, tenant, bob, "laptop")
    discover(cloud, ann, north, "cloud-ann-2")

    assert (place(ann).cloud_user_id, place(ann).own_as_of) == ("cloud-ann-2", None)
    assert rows() == {("cloud-bob", "laptop")}
    assert place(bob).own_as_of


def test_a_refresh_notices_too_that_somebody_is_another_to_the_cloud(
    cloud: FakeCloud, tenant: Tenant, ann: Grant, north: Location
) -> None:
    refresh(cloud, tenant, ann, "laptop")
    tokens.forget(tenant, ann.pk)
    ann.user.username = "ann-2"

    assert "os-keypairs" in refresh(cloud, tenant, ann, "phone")

    assert place(ann).cloud_user_id == "cloud-ann-2"
    assert ("cloud-ann-2", "phone") in rows()
    discover(cloud, ann, north, "cloud-ann-2")
    assert rows() == {("cloud-ann-2", "phone")}


def test_who_leaves_the_tenant_takes_the_key_pairs_along_and_no_others(
    cloud: FakeCloud, tenant: Tenant, ann: Grant, bob: Grant, north: Location
) -> None:
    refresh(cloud, tenant, ann, "laptop")
    refresh(cloud, tenant, bob, "laptop")
    cloud.mock.get(f"{KEYSTONE}/auth/projects", json={"projects": [], "links": {"next": None}})

    discover(cloud, bob, north, "cloud-bob")

    assert rows() == {("cloud-ann", "laptop")}


def test_what_forms_offer_is_there_after_a_refresh(cloud: FakeCloud, tenant: Tenant, ann: Grant) -> None:
    refresh(cloud, tenant, ann)

    types = VolumeType.objects.values_list("name", "description", "public", "default")
    assert list(types) == [("hdd", "", False, False), ("ssd", "Fast", True, True)]
    assert set(Zone.objects.values_list("name", "service")) == {("zone-a", "compute"), ("zone-a", "block-storage")}


def test_what_forms_offer_is_read_by_the_next_refresh_when_cinder_failed_before(
    cloud: FakeCloud, tenant: Tenant, ann: Grant
) -> None:
    with requests_mock.Mocker() as mock:
        broken = FakeCloud(mock)
        broken.break_service(CINDER, status_code=503)
        refresh(broken, tenant, ann)
    assert not VolumeType.objects.exists()
    assert {zone.service for zone in Zone.objects.all()} == {"compute"}

    with requests_mock.Mocker() as mock:
        refresh(FakeCloud(mock), tenant, ann)
    assert VolumeType.objects.count() == 2
    assert {zone.service for zone in Zone.objects.all()} == {"compute", "block-storage"}


def operation_of(tenant: Tenant, grant: Grant) -> Operation:
    now = timezone.now()
    return Operation.objects.create(
        tenant=tenant, user=grant.user, grant=grant.pk, action="any", asked_at=now, next_at=now, sent_at=now
    )


def test_an_operation_that_saw_a_key_pair_going_drops_its_owners_only(
    cloud: FakeCloud, tenant: Tenant, ann: Grant, bob: Grant
) -> None:
    refresh(cloud, tenant, ann, "laptop")
    refresh(cloud, tenant, bob, "laptop")

    observed.gone(operation_of(tenant, ann), KeyPair, ["laptop"], only={"user_id": "cloud-ann"})

    assert rows() == {("cloud-bob", "laptop")}


def test_a_reading_that_began_before_does_not_bring_it_back_and_takes_no_other_persons_for_it(
    cloud: FakeCloud, tenant: Tenant, ann: Grant, bob: Grant
) -> None:
    refresh(cloud, tenant, ann, "laptop")
    observed.gone(operation_of(tenant, ann), KeyPair, ["laptop"], only={"user_id": "cloud-ann"})
    OperationTarget.objects.update(gone_at=timezone.now() + timedelta(seconds=1))

    refresh(cloud, tenant, ann, "laptop", asked=True)
    assert rows() == set()
    refresh(cloud, tenant, bob, "laptop")
    assert rows() == {("cloud-bob", "laptop")}


def test_a_key_pair_that_an_operation_made_is_its_owners_at_once(
    cloud: FakeCloud, tenant: Tenant, ann: Grant, bob: Grant
) -> None:
    refresh(cloud, tenant, bob, "laptop")
    answer = key_pair("laptop", user_id="cloud-ann", fingerprint="aa:bb")

    observed.write(tenant, [key_pairs.KeyPair.model_validate(answer)])

    assert rows() == {("cloud-bob", "laptop"), ("cloud-ann", "laptop")}
    assert KeyPair.objects.get(user_id="cloud-ann").fingerprint == "aa:bb"
