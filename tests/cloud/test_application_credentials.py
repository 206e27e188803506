"""Application credentials on a real Keystone: created by a federated person, used by openstacksdk, deleted."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import openstack
import pytest
from keystoneauth1.exceptions import NotFound, Unauthorized
from openstack.connection import Connection as Sdk

from clouds import errors
from clouds.openstack import application_credentials, session
from clouds.openstack.application_credentials import AccessRule, Wanted
from clouds.openstack.session import Connection
from projects.discovery import discovering as discovery
from projects.models import Location, Tenant
from services.openstack import tokens
from services.openstack.locations import discover_endpoints, federation_of
from tests.cloud.conftest import Devcloud
from tests.cloud.marks import CLOUD
from tests.cloud.people import location_row, log_in
from tests.support.issuer import Issuer

# Keystone writes a federated person's groups anew at each login: while somebody else logs in as the same person, it may
# not know the role that it is asked to give on.
pytestmark = [*CLOUD, pytest.mark.django_db, pytest.mark.quiet]
SECRET = "a-secret-that-the-test-chose"
OBJECTS = tuple(AccessRule(service="object-store", method=one, path="/**") for one in ("GET", "HEAD", "PUT", "POST"))


@pytest.fixture
def north(devcloud: Devcloud) -> Location:
    return location_row(devcloud)


@pytest.fixture
def member(issuer: Issuer, north: Location) -> Iterator[Connection]:
    """Connect to atlas in north as its member; delete her credentials afterwards."""
    person = log_in(issuer, "member")
    discovery.discover(person.user, person.grant.pk, north)
    tenant = Tenant.objects.select_related("location").get(project__slug="atlas")
    state = tokens.fetch(tenant, person.grant.pk)
    with session.connect(federation_of(north), state, discover_endpoints(north, state)) as connection:
        yield connection
        for one in application_credentials.list_own(connection):
            application_credentials.delete(connection, one.external_id)


def use(north: Location, external_id: str, secret: str = SECRET) -> Sdk:
    """Connect as a machine does."""
    return openstack.connect(
        auth_type="v3applicationcredential",
        auth={
            "auth_url": north.auth_url,
            "application_credential_id": external_id,
            "application_credential_secret": secret,
        },
        region_name=north.region,
        load_envvars=False,
        load_yaml_config=False,
    )


def test_it_works_until_it_is_ended(north: Location, member: Connection) -> None:
    name = f"test-{uuid4().hex}"
    ends = datetime.now(UTC).replace(microsecond=0) + timedelta(days=90)
    wanted = Wanted(name, SECRET, description="Pipeline of the “shop” $(rm)", roles=("member",), expires_at=ends)
    made = application_credentials.create(member, wanted)
    assert (made.name, made.description, made.project_id) == (name, wanted.description, member.project_id)
    assert made.roles == ["member", "reader"]  # Keystone adds what a role implies
    assert (made.expires_at, made.unrestricted, made.access_rules) == (ends, False, [])
    assert application_credentials.get(member, made.external_id) == made
    assert application_credentials.list_own(member, name) == [made]
    assert made in application_credentials.list_own(member)

    with use(north, made.external_id) as machine:
        assert machine.current_project_id == member.project_id
        list(machine.compute.servers())
        with pytest.raises(openstack.exceptions.ForbiddenException):  # it can't create others
            machine.identity.create_application_credential(machine.current_user_id, name="another")
    with use(north, made.external_id, "a-wrong-one") as machine, pytest.raises(Unauthorized):
        machine.session.get_token()

    application_credentials.delete(member, made.external_id)
    with use(north, made.external_id) as machine, pytest.raises(NotFound):  # Keystone's answer to a login without it
        machine.session.get_token()
    with pytest.raises(errors.NotFound):
        application_credentials.get(member, made.external_id)
    with pytest.raises(errors.NotFound):
        application_credentials.delete(member, made.external_id)


def test_a_name_is_given_once(member: Connection) -> None:
    name = f"test-{uuid4().hex}"
    first = application_credentials.create(member, Wanted(name, SECRET))
    with pytest.raises(errors.Conflict):
        application_credentials.create(member, Wanted(name, "another-secret"))
    assert application_credentials.list_own(member, name) == [first]


@pytest.mark.parametrize(
    ("field", "value", "word"),
    [
        ("roles", ("manager",), "unassigned role"),
        ("roles", ("no-such-role",), ""),
        ("expires_at", datetime(2020, 1, 1, tzinfo=UTC), "expire"),
    ],
)
def test_what_is_not_mine_to_give_is_refused(member: Connection, field: str, value: object, word: str) -> None:
    wanted = Wanted(**{"name": f"test-{uuid4().hex}", "secret": SECRET, field: value})
    with pytest.raises((errors.Invalid, errors.NotFound)) as caught:
        application_credentials.create(member, wanted)
    assert word in caught.value.detail
    assert SECRET not in caught.value.detail
    assert application_credentials.list_own(member, wanted.name) == []


@pytest.fixture
def container(devcloud: Devcloud) -> Iterator[str]:
    """Create a container with the note in it, and delete it afterwards; return its name."""
    name = f"test-{uuid4().hex}"
    yield name
    with devcloud.connect("north-atlas-member") as sdk:
        sdk.object_store.delete_object("note", container=name, ignore_missing=False)
        sdk.object_store.delete_container(name, ignore_missing=False)


def test_access_rules_let_through_what_they_name_and_nothing_else(
    north: Location, member: Connection, container: str
) -> None:
    made = application_credentials.create(member, Wanted(f"test-{uuid4().hex}", SECRET, access_rules=OBJECTS))
    assert {(rule.service, rule.method, rule.path) for rule in made.access_rules} == {
        (rule.service, rule.method, rule.path) for rule in OBJECTS
    }
    with use(north, made.external_id) as machine:
        machine.object_store.create_container(name=container)
        machine.object_store.upload_object(container=container, name="note", data=b"written by a machine")
        assert machine.object_store.download_object("note", container=container) == b"written by a machine"
        with pytest.raises(openstack.exceptions.HttpException):
            list(machine.compute.servers())
        with pytest.raises(openstack.exceptions.HttpException):  # DELETE is not among them
            machine.object_store.delete_object("note", container=container, ignore_missing=False)
