"""A person's EC2 credentials: the request that each call makes, its outcome, and where the secret key is not."""

import json
import logging
from typing import Any

import pytest
import requests_mock

from clouds import errors
from clouds.openstack import ec2_credentials
from clouds.openstack.ec2_credentials import Ec2Credential, Wanted
from clouds.openstack.session import Connection
from tests.unit.clouds_changes import Change, check_faults, check_no_answers, check_request, without
from tests.unit.clouds_fake import KEYSTONE, PROJECT, FakeCloud

# The SDK warns about its own plans whenever it is started.
pytestmark = pytest.mark.filterwarnings("ignore::openstack.warnings.RemovedInSDK50Warning")

ALL = f"{KEYSTONE}/credentials"
MINE = f"{ALL}?user_id=user-1&type=ec2"
SECRET = "MARKED-secret-of-the-test"
BLOB = json.dumps({"access": "op01", "secret": SECRET, "label": "ci-deploy.op-01"})
TOLD: dict[str, Any] = {"id": "cred-1", "type": "ec2", "user_id": "user-1", "project_id": PROJECT, "blob": BLOB}
SEEN = Ec2Credential(external_id="cred-1", user_id="user-1", project_id=PROJECT, type="ec2", blob=BLOB)  # type: ignore[arg-type]  # as Keystone tells it
WHOLE = Wanted("op01", SECRET, "ci-deploy.op-01")

CREATE = Change(
    call=lambda c: ec2_credentials.create(c, WHOLE),
    method="POST",
    url=ALL,
    body={"credential": {"type": "ec2", "user_id": "user-1", "project_id": PROJECT, "blob": BLOB}},
    answer={"status_code": 201, "json": {"credential": TOLD}},
    result=SEEN,
    no_answers=without("credential"),
)
LIST = Change(
    call=ec2_credentials.list_own,
    method="GET",
    url=MINE,
    body=None,
    answer={"json": {"credentials": [TOLD], "links": {"next": None}}},
    result=[SEEN],
    no_answers=("", "[]", "{}", '{"credentials": {}}', '{"credentials": [{"type": "ec2"}]}'),
)
DELETE = Change(
    call=lambda c: ec2_credentials.delete(c, "cred/1"),
    method="DELETE",
    url=f"{ALL}/cred%2F1",
    body=None,
    answer={"status_code": 204},
    result=None,
)


@pytest.fixture
def cloud(requests_mock: requests_mock.Mocker) -> FakeCloud:
    return FakeCloud(requests_mock)


@pytest.fixture
def connection(cloud: FakeCloud) -> Any:
    with cloud.connection() as connection:
        yield connection


@pytest.mark.parametrize("change", [CREATE, LIST, DELETE], ids=["create", "list", "delete"])
def test_each_call_is_one_request_and_gives_what_it_should(cloud: FakeCloud, change: Change) -> None:
    check_request(cloud, change)


def test_what_goes_wrong_is_a_cloud_error_and_nothing_is_tried_twice(cloud: FakeCloud) -> None:
    check_faults(cloud, CREATE)


@pytest.mark.parametrize("change", [CREATE, LIST], ids=["create", "list"])
def test_an_answer_that_is_none_is_garbled(cloud: FakeCloud, change: Change) -> None:
    check_no_answers(cloud, change)


def test_others_and_other_types_are_left_out_where_the_filter_is_ignored(
    cloud: FakeCloud, connection: Connection
) -> None:
    others = [TOLD | {"id": "theirs", "user_id": "user-2"}, TOLD | {"id": "totp", "type": "totp"}, TOLD]
    cloud.mock.get(ALL, json={"credentials": others})
    assert ec2_credentials.list_own(connection) == [SEEN]
    assert ec2_credentials.get(connection, "cred-1") == SEEN
    with pytest.raises(errors.NotFound):
        ec2_credentials.get(connection, "theirs")


@pytest.mark.parametrize("blob", ["no JSON", "[]", "null", '{"access": 7}', {"access": "old", "secret": SECRET}, None])
def test_a_blob_of_any_shape_is_read_without_its_secret(cloud: FakeCloud, connection: Connection, blob: object) -> None:
    cloud.mock.get(ALL, json={"credentials": [TOLD | {"blob": blob}]})
    (seen,) = ec2_credentials.list_own(connection)
    assert seen.access == ("old" if isinstance(blob, dict) else "")
    assert SECRET not in repr(seen) + seen.model_dump_json()


@pytest.mark.parametrize(("there", "error"), [([], errors.NotFound), ([TOLD], errors.Forbidden)])
def test_what_is_gone_is_told_from_what_is_refused(
    cloud: FakeCloud, connection: Connection, there: list[Any], error: type[errors.CloudError]
) -> None:
    cloud.mock.delete(f"{ALL}/cred-1", status_code=403)
    cloud.mock.get(ALL, json={"credentials": there})
    with pytest.raises(error):
        ec2_credentials.delete(connection, "cred-1")


def test_no_secret_is_in_an_error_a_log_or_a_repr(
    cloud: FakeCloud, connection: Connection, caplog: pytest.LogCaptureFixture
) -> None:
    for logger in ("", "keystoneauth", "openstack", "urllib3"):
        caplog.set_level(logging.DEBUG, logger)
    cloud.mock.post(ALL, status_code=201, json={"credential": TOLD}, headers={"Content-Type": "application/json"})
    cloud.mock.get(ALL, json={"credentials": [TOLD]}, headers={"Content-Type": "application/json"})
    made = ec2_credentials.create(connection, WHOLE)
    told = ec2_credentials.list_own(connection)
    assert "op01" in repr(WHOLE)
    assert SECRET not in repr(WHOLE) + repr([made, told]) + caplog.text
    cloud.mock.post(ALL, status_code=400, json={"error": {"message": f"Invalid input: '{SECRET}'"}})
    with pytest.raises(errors.Invalid) as caught:
        ec2_credentials.create(connection, WHOLE)
    assert caught.value.detail == "Invalid input: '***'"


def test_an_id_is_keystones_hash_of_the_access_key() -> None:
    assert ec2_credentials.id_of("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
