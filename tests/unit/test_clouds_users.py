"""An account of the operator's and the users that it makes: requests, outcomes, and where passwords are not."""

import logging
from typing import Any

import pytest
import requests_mock

from clouds import errors
from clouds.openstack import account, users
from clouds.openstack.account import Account
from clouds.openstack.users import User, Wanted
from tests.unit.clouds_changes import Change, check_faults, check_no_answers, check_request, without
from tests.unit.clouds_fake import FEDERATION, KEYSTONE, PROJECT, FakeCloud

# The SDK warns about its own plans whenever it is started.
pytestmark = pytest.mark.filterwarnings("ignore::openstack.warnings.RemovedInSDK50Warning")

ALL = f"{KEYSTONE}/users"
SECRET = "MARKED-password-of-the-user"
OURS = Account("meshdeck", "lab", "MARKED-password-of-the-account")
TOLD: dict[str, Any] = {
    "id": "user-7",
    "name": "ci-deploy.op-1",
    "domain_id": "lab",
    "default_project_id": PROJECT,
    "enabled": True,
}
SEEN = User(external_id="user-7", name="ci-deploy.op-1", domain_id="lab", default_project_id=PROJECT)  # type: ignore[call-arg]  # by its own name
WHOLE = Wanted("ci-deploy.op-1", SECRET, "lab", PROJECT, "Pipeline of the shop")

CHANGES = {
    "create": Change(
        call=lambda c: users.create(c, WHOLE),
        method="POST",
        url=ALL,
        body={
            "user": {
                "name": "ci-deploy.op-1",
                "password": SECRET,
                "domain_id": "lab",
                "default_project_id": PROJECT,
                "description": "Pipeline of the shop",
                "options": {"ignore_change_password_upon_first_use": True},
            }
        },
        answer={"status_code": 201, "json": {"user": TOLD}},
        result=SEEN,
        no_answers=without("user"),
    ),
    "get": Change(
        call=lambda c: users.get(c, "user/7"),
        method="GET",
        url=f"{ALL}/user%2F7",
        body=None,
        answer={"json": {"user": TOLD}},
        result=SEEN,
        no_answers=without("user"),
    ),
    "find": Change(
        call=lambda c: users.find(c, "lab", "ci-deploy.op-1"),
        method="GET",
        url=f"{ALL}?domain_id=lab&name=ci-deploy.op-1",
        body=None,
        # Should a cloud ignore the filters.
        answer={"json": {"users": [TOLD | {"id": "a", "name": "zoe"}, TOLD | {"id": "b", "domain_id": "x"}, TOLD]}},
        result=[SEEN],
        no_answers=("", "[]", "{}", '{"users": {}}'),
    ),
    "grant": Change(
        call=lambda c: users.grant(c, "user/7", PROJECT, "role-2"),
        method="PUT",
        url=f"{KEYSTONE}/projects/{PROJECT}/users/user%2F7/roles/role-2",
        body=None,
        answer={"status_code": 204},
        result=None,
    ),
    "delete": Change(
        call=lambda c: users.delete(c, "user/7"),
        method="DELETE",
        url=f"{ALL}/user%2F7",
        body=None,
        answer={"status_code": 204},
        result=None,
    ),
}


@pytest.fixture
def cloud(requests_mock: requests_mock.Mocker) -> FakeCloud:
    return FakeCloud(requests_mock)


@pytest.mark.parametrize("name", CHANGES)
def test_each_call_is_one_request_and_gives_what_it_should(cloud: FakeCloud, name: str) -> None:
    check_request(cloud, CHANGES[name])


@pytest.mark.parametrize("name", ["create", "grant", "delete"])
def test_what_goes_wrong_is_a_cloud_error_and_nothing_is_tried_twice(cloud: FakeCloud, name: str) -> None:
    check_faults(cloud, CHANGES[name])


@pytest.mark.parametrize("name", ["create", "get", "find"])
def test_an_answer_that_is_none_is_garbled(cloud: FakeCloud, name: str) -> None:
    check_no_answers(cloud, CHANGES[name])


def test_an_account_logs_in_to_its_domain_and_to_no_project(cloud: FakeCloud) -> None:
    token = {
        "expires_at": "2030-01-01T00:00:00.000000Z",
        "user": {"id": "account-1"},
        "roles": [{"id": "9", "name": "m"}],
    }
    headers = {"X-Subject-Token": "of-the-account"}
    cloud.mock.post(f"{KEYSTONE}/auth/tokens", status_code=201, json={"token": token}, headers=headers)
    with account.open_as(FEDERATION, OURS, cloud.endpoints()) as connection:
        cloud.mock.get(ALL, json={"users": []})
        users.find(connection, "lab", "x")
        assert (connection.project_id, connection.state.roles) == ("", ("m",))
    login, found = cloud.mock.request_history
    assert login.json()["auth"] == {
        "identity": {
            "methods": ["password"],
            "password": {"user": {"name": "meshdeck", "domain": {"id": "lab"}, "password": OURS.password}},
        },
        "scope": {"domain": {"id": "lab"}},
    }
    assert found.headers["X-Auth-Token"] == "of-the-account"


@pytest.mark.parametrize("status", [401, 403, 500])
def test_an_account_that_is_refused_is_an_error_without_its_password(
    cloud: FakeCloud, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    for logger in ("", "keystoneauth", "openstack", "urllib3"):
        caplog.set_level(logging.DEBUG, logger)
    cloud.mock.post(f"{KEYSTONE}/auth/tokens", status_code=status, json={"error": {"message": "no"}})
    with pytest.raises(errors.CloudError) as caught:
        account.log_in(FEDERATION, OURS)
    assert OURS.password not in f"{caught.value!r} {caught.value.detail} {OURS!r} {caplog.text}"


def test_an_error_that_quotes_the_body_does_not_tell_the_password(
    cloud: FakeCloud, caplog: pytest.LogCaptureFixture
) -> None:
    for logger in ("", "keystoneauth", "openstack", "urllib3"):
        caplog.set_level(logging.DEBUG, logger)
    cloud.mock.post(ALL, status_code=400, json={"error": {"message": f"The password {SECRET} is too weak"}})
    with cloud.connection() as connection, pytest.raises(errors.Invalid) as caught:
        users.create(connection, WHOLE)
    assert caught.value.detail == "The password *** is too weak"
    assert SECRET not in repr(WHOLE) + caplog.text
