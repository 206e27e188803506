"""Key pairs on a real cloud: each person sees their own, whoever else is a member of the tenant."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from uuid import uuid4

import pytest

from clouds.openstack import session
from clouds.openstack.session import Connection
from devcloud import cast
from projects.discovery import discovering as discovery
from projects.models import Location, Membership, Tenant
from projects.refresh import claims, refreshing
from services.compute.models import KeyPair
from services.openstack import tokens
from services.openstack.locations import endpoints_of, federation_of
from tests.cloud.conftest import Devcloud
from tests.cloud.marks import CLOUD
from tests.cloud.people import Person, location_row, log_in
from tests.support.issuer import Issuer

pytestmark = [*CLOUD, pytest.mark.django_db]


@pytest.fixture
def north(devcloud: Devcloud) -> Location:
    return location_row(devcloud)


@pytest.fixture
def undo() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def enter(issuer: Issuer, north: Location, name: str) -> Person:
    """Log in somebody of atlas@north who is known to the cloud."""
    person = log_in(issuer, name)
    discovery.discover(person.user, person.grant.pk, north)
    return person


def connection(person: Person, undo: ExitStack) -> Connection:
    """Connect to the cloud as this person."""
    tenant = atlas()
    state = tokens.recall(tenant, person.grant.pk)
    assert state
    return undo.enter_context(session.connect(federation_of(tenant.location), state, endpoints_of(tenant.location)))


def atlas() -> Tenant:
    return Tenant.objects.select_related("location").get(project__slug="atlas")


def refresh(person: Person, *, asked: bool = True) -> None:
    claim = claims.take(atlas().pk, older_than=timedelta(0))
    assert claim
    refreshing.refresh(atlas().pk, person.grant.pk, claim, asked=asked)


def names(person: Person) -> set[str]:
    """Return the key pairs that the rows give this person."""
    known = Membership.objects.get(user=person.user, tenant=atlas()).cloud_user_id
    assert known
    return set(KeyPair.objects.filter(tenant=atlas(), user_id=known).values_list("name", flat=True))


def test_the_rows_of_two_members_are_what_nova_tells_each_of_them(
    issuer: Issuer, north: Location, undo: ExitStack
) -> None:
    member, admin = enter(issuer, north, "member"), enter(issuer, north, "admin")
    same, alone = f"same-{uuid4().hex[:8]}", f"alone-{uuid4().hex[:8]}"
    mine, theirs = connection(member, undo).sdk, connection(admin, undo).sdk
    for cloud, name in ((mine, same), (theirs, same), (theirs, alone)):
        cloud.compute.create_keypair(name=name)
        undo.callback(cloud.compute.delete_keypair, name)

    refresh(member)
    assert names(member) == {pair.name for pair in mine.compute.keypairs()} >= {same}
    assert names(admin) == set()
    refresh(admin, asked=False)  # everything else is fresh
    assert names(admin) == {pair.name for pair in theirs.compute.keypairs()} >= {same, alone}
    fingerprints = dict(KeyPair.objects.filter(name=same).values_list("user_id", "fingerprint"))
    assert fingerprints == {
        mine.current_user_id: mine.compute.get_keypair(same).fingerprint,
        theirs.current_user_id: theirs.compute.get_keypair(same).fingerprint,
    }

    mine.compute.delete_keypair(same)
    refresh(admin)
    assert same in names(member)  # not for them to know
    refresh(member)
    assert names(member) == {pair.name for pair in mine.compute.keypairs()}
    assert same not in names(member)
    assert names(admin) >= {same, alone}


def test_the_seed_knows_who_a_person_will_be_to_keystone(devcloud: Devcloud, issuer: Issuer, north: Location) -> None:
    person = enter(issuer, north, "member")
    cloud = devcloud.connect("north-admin")
    provider = cloud.identity.get("/OS-FEDERATION/identity_providers/meshdeck").json()["identity_provider"]

    known = Membership.objects.get(user=person.user, tenant=atlas()).cloud_user_id
    assert known == cast.federated_id(provider["domain_id"], person.user.subject)
