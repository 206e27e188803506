"""A person's application credentials: the request that each call makes, its outcome, and where the secret is not."""

import logging
from datetime import UTC, datetime
from typing import Any

import pytest
import requests_mock

from clouds import errors
from clouds.openstack import application_credentials
from clouds.openstack.application_credentials import AccessRule, Wanted
from clouds.openstack.session import Connection
from tests.unit.clouds_changes import (
    Change,
    check_faults,
    check_missing_service,
    check_no_answers,
    check_request,
    since_login,
    without,
)
from tests.unit.clouds_fake import KEYSTONE, PROJECT, FakeCloud

# The SDK warns about its own plans whenever it is started.
pytestmark = pytest.mark.filterwarnings("ignore::openstack.warnings.RemovedInSDK50Warning")

ALL = f"{KEYSTONE}/users/user-1/application_credentials"
SECRET = "MARKED-secret-of-the-test"
ENDS = datetime(2027, 2, 21, 14, 30, tzinfo=UTC)
OBJECTS = AccessRule(service="object-store", method="GET", path="/**")
TOLD: dict[str, Any] = {
    "id": "cred-1",
    "name": "ci-deploy.op-1",
    "description": None,
    "project_id": PROJECT,
    "roles": [{"id": "2", "name": "reader", "domain_id": None}, {"id": "1", "name": "member", "domain_id": None}],
    "expires_at": "2027-02-21T14:30:00.000000",
    "unrestricted": None,
    "access_rules": [{"id": "r1", "service": "object-store", "method": "GET", "path": "/**"}],
    "links": {"self": f"{ALL}/cred-1"},
}
SEEN = application_credentials.ApplicationCredential(
    external_id="cred-1",
    name="ci-deploy.op-1",
    project_id=PROJECT,
    roles=[{"name": "member"}, {"name": "reader"}],  # type: ignore[list-item]  # as Keystone tells them
    expires_at=ENDS,
    access_rules=[OBJECTS],
)
WHOLE = Wanted(
    "ci-deploy.op-1",
    SECRET,
    description="Pipeline of the “shop”",
    roles=("reader",),
    access_rules=(OBJECTS,),
    expires_at=ENDS,
)

CHANGES = {
    "create": Change(
        call=lambda c: application_credentials.create(c, WHOLE),
        method="POST",
        url=ALL,
        body={
            "application_credential": {
                "name": "ci-deploy.op-1",
                "secret": SECRET,
                "description": "Pipeline of the “shop”",
                "roles": [{"name": "reader"}],
                "access_rules": [{"service": "object-store", "method": "GET", "path": "/**"}],
                "expires_at": "2027-02-21T14:30:00.000000",
                "unrestricted": False,
            }
        },
        answer={"status_code": 201, "json": {"application_credential": TOLD | {"secret": SECRET}}},
        result=SEEN,
        no_answers=without("application_credential"),
    ),
    "delete": Change(
        call=lambda c: application_credentials.delete(c, "cred/1"),
        method="DELETE",
        url=f"{ALL}/cred%2F1",
        body=None,
        answer={"status_code": 204},
        result=None,
    ),
    "get": Change(
        call=lambda c: application_credentials.get(c, "cred-1"),
        method="GET",
        url=f"{ALL}/cred-1",
        body=None,
        answer={"json": {"application_credential": TOLD}},
        result=SEEN,
        no_answers=without("application_credential"),
    ),
    "list": Change(
        call=application_credentials.list_own,
        method="GET",
        url=ALL,
        body=None,
        answer={"json": {"application_credentials": [TOLD], "links": {"next": None}}},
        result=[SEEN],
        no_answers=("", "[]", "{}", '{"application_credentials": {}}', '{"application_credentials": [{"name": "x"}]}'),
    ),
}


@pytest.fixture
def cloud(requests_mock: requests_mock.Mocker) -> FakeCloud:
    return FakeCloud(requests_mock)


@pytest.fixture
def connection(cloud: FakeCloud) -> Any:
    with cloud.connection() as connection:
        yield connection


@pytest.mark.parametrize("name", CHANGES)
def test_each_call_is_one_request_and_gives_what_it_should(cloud: FakeCloud, name: str) -> None:
    check_request(cloud, CHANGES[name])


@pytest.mark.parametrize("name", ["create", "delete"])
def test_what_goes_wrong_is_a_cloud_error_and_nothing_is_tried_twice(cloud: FakeCloud, name: str) -> None:
    check_faults(cloud, CHANGES[name])


@pytest.mark.parametrize("name", ["create", "get", "list"])
def test_an_answer_that_is_none_is_garbled(cloud: FakeCloud, name: str) -> None:
    check_no_answers(cloud, CHANGES[name])


def test_the_least_that_is_wanted_says_nothing_of_the_rest(cloud: FakeCloud, connection: Connection) -> None:
    cloud.mock.post(ALL, status_code=201, json={"application_credential": TOLD})
    application_credentials.create(connection, Wanted("one", SECRET))
    assert since_login(cloud)[0].json() == {
        "application_credential": {"name": "one", "secret": SECRET, "description": "", "unrestricted": False}
    }


def test_one_of_a_name_is_found_by_it_also_where_the_filter_is_ignored(
    cloud: FakeCloud, connection: Connection
) -> None:
    others = [TOLD | {"id": "other", "name": "ci-deploy"}, TOLD]
    cloud.mock.get(ALL, json={"application_credentials": others})
    assert application_credentials.list_own(connection, "ci-deploy.op-1") == [SEEN]
    assert since_login(cloud)[0].qs == {"name": ["ci-deploy.op-1"]}


def test_a_credential_of_an_old_keystone_has_no_rules_and_may_have_no_end(
    cloud: FakeCloud, connection: Connection
) -> None:
    old = {name: value for name, value in TOLD.items() if name not in ("access_rules", "expires_at")}
    cloud.mock.get(f"{ALL}/cred-1", json={"application_credential": old | {"roles": None, "unrestricted": True}})
    seen = application_credentials.get(connection, "cred-1")
    assert (seen.access_rules, seen.expires_at, seen.roles, seen.unrestricted) == ([], None, [], True)


def test_an_error_that_quotes_the_body_does_not_tell_the_secret(cloud: FakeCloud, connection: Connection) -> None:
    cloud.mock.post(ALL, status_code=400, json={"error": {"message": f"Invalid input: '{SECRET}' is too short"}})
    with pytest.raises(errors.Invalid) as caught:
        application_credentials.create(connection, WHOLE)
    assert caught.value.detail == "Invalid input: '***' is too short"


def test_no_secret_is_logged_at_any_level_nor_in_a_repr(
    cloud: FakeCloud, connection: Connection, caplog: pytest.LogCaptureFixture
) -> None:
    for logger in ("", "keystoneauth", "openstack", "urllib3"):
        caplog.set_level(logging.DEBUG, logger)
    told = {"application_credential": TOLD | {"secret": SECRET}}
    cloud.mock.post(ALL, status_code=201, json=told, headers={"Content-Type": "application/json"})
    made = application_credentials.create(connection, WHOLE)
    assert "ci-deploy.op-1" in repr(WHOLE)
    assert SECRET not in repr(WHOLE) + repr(made) + caplog.text


def test_a_cloud_without_the_service_is_not_asked(cloud: FakeCloud) -> None:
    everything_else = cloud.endpoints()[1:]
    cloud.endpoints = lambda: everything_else  # type: ignore[method-assign]
    check_missing_service(cloud, CHANGES["create"])
