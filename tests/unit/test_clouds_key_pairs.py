"""A person's key pairs: imported, looked at, deleted; each by one request."""

import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests_mock

from clouds import errors
from clouds.openstack import key_pairs
from clouds.openstack.services import Service
from clouds.openstack.session import Connection
from tests.unit.clouds_changes import check_call_faults
from tests.unit.clouds_fake import NOVA, SCOPED_TOKEN, FakeCloud

# The SDK warns about its own plans whenever it is started.
pytestmark = pytest.mark.filterwarnings("ignore::openstack.warnings.RemovedInSDK50Warning")

PUBLIC_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExampleOfAPublicKey zoe@laptop"
KEY_PAIR = {
    "name": "Zoë's laptop",
    "public_key": PUBLIC_KEY,
    "fingerprint": "7e:eb:ab:24",
    "type": "ssh",
    "user_id": "user-1",
    "id": 7,
    "created_at": "2026-10-13T08:00:00.000000",
}
ALL = f"{NOVA}/os-keypairs"
ONE = f"{ALL}/Zo%C3%AB%27s%20laptop"


@pytest.fixture(params=[False, True], ids=["today", "ocata"])
def cloud(request: pytest.FixtureRequest, requests_mock: requests_mock.Mocker) -> FakeCloud:
    return FakeCloud(requests_mock, ocata=request.param)


@pytest.fixture
def connection(cloud: FakeCloud) -> Iterator[Connection]:
    with cloud.connection() as connection:
        yield connection


def the_request(cloud: FakeCloud) -> Any:
    """Return the only one that was made after the two that log in."""
    (request,) = cloud.mock.request_history[2:]
    assert request.headers["OpenStack-API-Version"] == ("compute 2.42" if cloud.ocata else "compute 2.73")
    assert request.headers["X-Auth-Token"] == SCOPED_TOKEN
    return request


def test_a_key_pair_is_known_by_its_name_whatever_the_name(cloud: FakeCloud, connection: Connection) -> None:
    cloud.mock.get(ONE, json={"keypair": KEY_PAIR})
    seen = key_pairs.get(connection, "Zoë's laptop")
    assert the_request(cloud)
    assert (seen.external_id, seen.name, seen.user_id) == ("Zoë's laptop", "Zoë's laptop", "user-1")
    assert (seen.public_key, seen.fingerprint, seen.type) == (PUBLIC_KEY, "7e:eb:ab:24", "ssh")


def test_a_public_key_is_imported(cloud: FakeCloud, connection: Connection) -> None:
    cloud.mock.post(ALL, status_code=201, json={"keypair": KEY_PAIR})
    seen = key_pairs.import_public_key(connection, "Zoë's laptop", PUBLIC_KEY)
    assert the_request(cloud).json() == {"keypair": {"name": "Zoë's laptop", "public_key": PUBLIC_KEY}}
    assert (seen.external_id, seen.public_key) == ("Zoë's laptop", PUBLIC_KEY)


def test_a_key_pair_is_deleted(cloud: FakeCloud, connection: Connection) -> None:
    cloud.mock.delete(ONE, status_code=204)
    key_pairs.delete(connection, "Zoë's laptop")
    assert the_request(cloud).method == "DELETE"


CALLS: dict[str, Callable[[Connection], Any]] = {
    "get": lambda c: key_pairs.get(c, "one"),
    "import": lambda c: key_pairs.import_public_key(c, "one", PUBLIC_KEY),
    "delete": lambda c: key_pairs.delete(c, "one"),
}


@pytest.mark.parametrize("name", CALLS)
def test_what_goes_wrong_is_a_cloud_error_and_nothing_is_tried_twice(cloud: FakeCloud, name: str) -> None:
    check_call_faults(cloud, NOVA, Service.COMPUTE, CALLS[name])


@pytest.mark.parametrize("body", ["{}", '{"keypair": {}}', '{"keypair": {"name": ""}}'])
@pytest.mark.parametrize("name", ["get", "import"])
def test_an_answer_without_a_name_is_garbled(cloud: FakeCloud, connection: Connection, name: str, body: str) -> None:
    cloud.break_service(NOVA, text=body)
    with pytest.raises(errors.Garbled):
        CALLS[name](connection)


def test_no_key_is_logged_at_any_level(
    cloud: FakeCloud, connection: Connection, caplog: pytest.LogCaptureFixture
) -> None:
    for logger in ("", "keystoneauth", "openstack", "urllib3"):
        caplog.set_level(logging.DEBUG, logger)
    cloud.mock.post(ALL, status_code=201, json={"keypair": KEY_PAIR}, headers={"Content-Type": "application/json"})
    key_pairs.import_public_key(connection, "laptop", PUBLIC_KEY)
    # Never our way, but whoever lets nova make the key gets the private one in the answer.
    made = {"keypair": {**KEY_PAIR, "private_key": "-----BEGIN RSA PRIVATE KEY-----"}}
    cloud.mock.post(ALL, status_code=201, json=made, headers={"Content-Type": "application/json"})
    connection.sdk.compute.create_keypair(name="made")
    assert f"POST {ALL}" in caplog.text
    for secret in (PUBLIC_KEY, "PRIVATE KEY", SCOPED_TOKEN):
        assert secret not in caplog.text
