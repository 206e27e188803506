"""Service users of every kind: one that somebody has, or none, wherever a worker dies while it makes one."""

from typing import Any

import pytest
import requests_mock
from django.utils import timezone

from projects.access import Visit
from projects.models import Location, LocationService, Operation
from services.service_users.models import ServiceUser
from tests.service_users_crash import LINES, die_with_the_secret
from tests.unit.clouds_fake import FakeCloud
from tests.unit.deaths import at_each_change
from tests.unit.keystone_fake import Keystone
from tests.unit.keystone_users import ACCOUNT, DOMAIN, PASSWORD, KeystoneUsers
from tests.unit.servers_cast import ask, go, later, taken_over
from tests.unit.service_users_cast import CI, member_of, take, until_ready

pytestmark = pytest.mark.django_db

State = Operation.State
CREATE = "create-service-user"


@pytest.fixture(params=ServiceUser.Kind.values)
def kind(request: pytest.FixtureRequest) -> str:
    """Each of them."""
    return str(request.param)


@pytest.fixture
def keystone(requests_mock: requests_mock.Mocker, kind: str) -> Keystone | KeystoneUsers:
    return keystone_for(kind, requests_mock)


@pytest.fixture
def visit(keystone: Keystone | KeystoneUsers, settings: Any) -> Visit:
    """Return a member where all kinds are offered."""
    visit = member_of(keystone)
    LocationService.objects.filter(service="object-store").update(s3_url="http://s3.test:8080")
    settings.ACCOUNT_PASSWORDS = {"north": PASSWORD}
    Location.objects.update(account_name=ACCOUNT, account_domain=DOMAIN)
    visit.tenant.location.refresh_from_db()
    return visit


def keystone_for(kind: str, mock: requests_mock.Mocker) -> Keystone | KeystoneUsers:
    """Return a new Keystone that has none yet."""
    cloud = FakeCloud(mock)
    return KeystoneUsers(cloud) if kind == "keystone-user" else Keystone(cloud)


def in_cloud(keystone: Keystone | KeystoneUsers, kind: str) -> dict[str, str]:
    """Those of the kind that Keystone has: each one's id, and the secret that opens it."""
    if isinstance(keystone, KeystoneUsers):
        return {key: keystone.passwords[key] for key in keystone.users}
    there = keystone.ec2 if kind == "ec2" else keystone.credentials
    return {key: keystone.secrets[key] for key in there}


def test_wherever_the_worker_dies_one_is_there_and_its_secret_is_the_one_handed_over(
    keystone: Keystone | KeystoneUsers, visit: Visit, kind: str
) -> None:
    operation = ask(visit, CREATE, **CI, kind=kind)

    def to_its_end(operation: Operation) -> None:
        go(operation, turns=8)  # until it waits for the browser
        credential = take(visit, operation)
        assert credential is not None
        operation = go(operation)
        assert operation.state == State.DONE, operation.reason
        assert in_cloud(keystone, kind) == {credential.row.external_id: credential.secret}
        if isinstance(keystone, KeystoneUsers):  # whose roles are requests of their own
            assert sorted(keystone.roles[credential.row.external_id]) == ["1", "2"]

    with at_each_change(keystone, lambda: to_its_end(taken_over(operation))) as deaths:
        to_its_end(operation)
    assert len(deaths) >= 2


@pytest.mark.parametrize("line", LINES)
def test_a_crash_between_the_answer_and_the_envelope_leaves_no_login_that_nobody_knows(
    keystone: Keystone | KeystoneUsers, visit: Visit, kind: str, line: str
) -> None:
    operation = ask(visit, CREATE, **CI, kind=kind)
    die_with_the_secret(operation, line)
    ((lost, its_secret),) = in_cloud(keystone, kind).items()
    assert take(visit, operation) is None
    later(operation, 30)
    until_ready(operation)
    credential = take(visit, operation)
    assert credential is not None
    assert in_cloud(keystone, kind) == {credential.row.external_id: credential.secret}
    assert credential.secret != its_secret
    # An access key is made of the operation's id, and with it the id of an EC2 key.
    assert (credential.row.external_id == lost) == (kind == "ec2")
    assert keystone.made == 2
    assert go(operation).state == State.DONE


def test_what_is_being_ended_is_given_to_nobody(keystone: Keystone | KeystoneUsers, visit: Visit, kind: str) -> None:
    operation = ask(visit, CREATE, **CI, kind=kind)
    row = until_ready(operation)
    ServiceUser.objects.filter(pk=row.pk).update(closed_at=timezone.now())
    assert take(visit, operation) is None
    operation = go(operation)
    assert (operation.state, operation.code) == (State.FAILED, "not_taken")
    assert in_cloud(keystone, kind) == {}
