"""What an operation left whose secret nobody has: it is ended once nobody can take it any more, and each for itself."""

from collections.abc import Callable
from typing import Any

import pytest
import requests_mock
from django.db import connection

from projects.access import Visit
from projects.models import Location, Operation
from projects.operations import turn
from services.service_users import leftovers
from services.service_users.models import OwnReading, ServiceUser
from tests.unit.clouds_fake import FakeCloud
from tests.unit.keystone_fake import USERS, Keystone
from tests.unit.keystone_users import ACCOUNT, DOMAIN, PASSWORD, KeystoneUsers
from tests.unit.servers_cast import ask
from tests.unit.service_users_cast import CI, member_of, read, take, until_ready

pytestmark = pytest.mark.django_db


@pytest.fixture
def cloud(requests_mock: requests_mock.Mocker) -> FakeCloud:
    return FakeCloud(requests_mock)


@pytest.fixture
def keystone(cloud: FakeCloud) -> Keystone:
    return Keystone(cloud)


@pytest.fixture
def visit(keystone: Keystone) -> Visit:
    return member_of(keystone)


def broken(visit: Visit, **values: Any) -> Operation:
    """One that a fault of ours ended while its secret waits to be taken."""
    operation = ask(visit, "create-service-user", **CI | values)
    until_ready(operation)
    turn.broke(operation.pk)
    return operation


def faster(visit: Visit, operation: Operation, taken: list[bool]) -> Callable[..., Any]:
    """Return the browser takes the secret just before the worker says that it is too late."""

    def watch(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        if not taken and sql.startswith("UPDATE") and '"closed_at" = ' in sql.partition(" WHERE ")[0]:
            taken.append(False)
            taken[0] = take(visit, operation) is not None
        return execute(sql, *rest)

    return watch


@pytest.mark.parametrize("answer", [{"status_code": 403}, {"status_code": 503}, {"status_code": 401}])
def test_one_that_cannot_be_ended_stops_no_other_and_is_in_the_register(
    keystone: Keystone, visit: Visit, answer: dict[str, Any]
) -> None:
    first, second = broken(visit), broken(visit, name="other")
    stuck, gone = (ServiceUser.objects.get(operation=one).external_id for one in (first, second))
    keystone.add("grafana")
    keystone.cloud.mock.delete(f"{USERS}user-1/application_credentials/{stuck}", **answer)
    read(visit)
    assert {row.label for row in ServiceUser.objects.all()} == {"ci-deploy", "grafana"}
    assert stuck in keystone.credentials
    assert gone not in keystone.credentials
    reading = OwnReading.objects.get()
    assert (reading.reason, reading.read_at) == ("", reading.tried_at)
    assert take(visit, first) is None  # nobody shall have what is ended as soon as it can be

    def answers_again(_request: Any, context: Any) -> str:
        context.status_code = 204
        keystone.credentials.pop(stuck)
        return ""

    keystone.cloud.mock.delete(f"{USERS}user-1/application_credentials/{stuck}", text=answers_again)
    read(visit)
    assert ServiceUser.objects.get().label == "grafana"


def test_what_is_being_ended_is_handed_to_nobody(keystone: Keystone, visit: Visit) -> None:
    operation, handed = broken(visit), []
    (lost,) = keystone.credentials

    def meanwhile(_request: Any, context: Any) -> str:
        handed.append(take(visit, operation))
        context.status_code = 204
        del keystone.credentials[lost]
        return ""

    keystone.cloud.mock.delete(f"{USERS}user-1/application_credentials/{lost}", text=meanwhile)
    read(visit)
    assert handed == [None]
    assert keystone.credentials == {}
    assert not ServiceUser.objects.exists()


def test_whose_browser_was_faster_keeps_it(keystone: Keystone, visit: Visit) -> None:
    operation, taken = broken(visit), list[bool]()
    with connection.execute_wrapper(faster(visit, operation, taken)):
        read(visit)
    assert taken == [True]
    assert len(keystone.credentials) == 1
    assert ServiceUser.objects.get().taken_at is not None
    assert not Operation.objects.filter(action="end-service-user").exists()


def test_a_keystone_user_whose_browser_was_faster_stays_too(cloud: FakeCloud, settings: Any) -> None:
    settings.ACCOUNT_PASSWORDS = {"north": PASSWORD}
    users = KeystoneUsers(cloud)
    visit = member_of(users)
    Location.objects.update(account_name=ACCOUNT, account_domain=DOMAIN)
    visit.tenant.location.refresh_from_db()
    operation, taken = broken(visit, kind="keystone-user"), list[bool]()
    with connection.execute_wrapper(faster(visit, operation, taken)):
        leftovers.settle(Operation.objects.get(pk=operation.pk))
    assert taken == [True]
    assert len(users.users) == 1
    assert ServiceUser.objects.get().taken_at is not None
    assert Operation.objects.get(pk=operation.pk).memory["settled"]
