"""EC2 credentials on a real Keystone and Swift: created by a federated person, used by an S3 client, deleted."""

import subprocess
from collections.abc import Iterator
from uuid import uuid4

import pytest

from clouds import errors
from clouds.openstack import ec2_credentials, session
from clouds.openstack.ec2_credentials import Wanted
from clouds.openstack.services import Service
from clouds.openstack.session import Connection
from projects.discovery import discovering as discovery
from projects.models import Location, Tenant
from services.openstack import tokens
from services.openstack.locations import discover_endpoints, federation_of
from tests.cloud.conftest import Devcloud
from tests.cloud.marks import CLOUD
from tests.cloud.people import location_row, log_in
from tests.support import s3
from tests.support.issuer import Issuer

pytestmark = [*CLOUD, pytest.mark.django_db]


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
        for one in ec2_credentials.list_own(connection):
            ec2_credentials.delete(connection, one.external_id)


def wanted() -> Wanted:
    return Wanted(f"test{uuid4().hex}", uuid4().hex, label="ci-deploy")


def test_a_client_of_s3_gets_in_until_it_is_ended(member: Connection) -> None:
    asked = wanted()
    made = ec2_credentials.create(member, asked)
    assert (made.access, made.blob.label, made.project_id) == (asked.access, "ci-deploy", member.project_id)
    assert made.external_id == ec2_credentials.id_of(asked.access)
    assert ec2_credentials.get(member, made.external_id) == made
    assert made in ec2_credentials.list_own(member)
    assert asked.secret not in repr([made, asked, *ec2_credentials.list_own(member)])

    gateway = member.endpoint(Service.OBJECT_STORE).root
    bucket = f"test-{uuid4().hex}"
    s3.call(gateway, asked.access, asked.secret, "PUT", bucket)
    try:
        assert bucket in s3.buckets(gateway, asked.access, asked.secret)
        with pytest.raises(subprocess.CalledProcessError):
            s3.buckets(gateway, asked.access, "a-wrong-one")
    finally:
        s3.call(gateway, asked.access, asked.secret, "DELETE", bucket)

    ec2_credentials.delete(member, made.external_id)
    with pytest.raises(subprocess.CalledProcessError):
        s3.buckets(gateway, asked.access, asked.secret)
    with pytest.raises(errors.NotFound):
        ec2_credentials.get(member, made.external_id)
    with pytest.raises(errors.NotFound):
        ec2_credentials.delete(member, made.external_id)


def test_an_access_key_is_given_once(member: Connection) -> None:
    asked = wanted()
    made = ec2_credentials.create(member, asked)
    with pytest.raises(errors.Conflict):
        ec2_credentials.create(member, Wanted(asked.access, "another-secret"))
    assert ec2_credentials.list_own(member) == [made]


def test_nobody_elses_is_there(member: Connection, devcloud: Devcloud) -> None:
    with devcloud.connect("north-admin") as admin:
        theirs = admin.identity.create_credential(
            type="ec2",
            user_id=admin.current_user_id,
            project_id=admin.current_project_id,
            blob=f'{{"access": "{uuid4().hex}", "secret": "s"}}',
        )
        try:
            assert theirs.id not in [one.external_id for one in ec2_credentials.list_own(member)]
            with pytest.raises((errors.NotFound, errors.Forbidden)):
                ec2_credentials.get(member, theirs.id)
            with pytest.raises((errors.NotFound, errors.Forbidden)):
                ec2_credentials.delete(member, theirs.id)
        finally:
            admin.identity.delete_credential(theirs)
