"""openstacksdk on our connection, for changes: the same endpoints, microversions, time limits and errors."""

import logging
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
import requests_mock
from openstack.connection import Connection as Sdk

from clouds import errors
from clouds.openstack import answers, http, identity, inventory, session
from clouds.openstack.services import Endpoint, Service
from tests.unit.clouds_fake import (
    ACCESS_TOKEN,
    FEDERATION,
    GLANCE,
    NEUTRON,
    NOVA,
    PROJECT,
    SCOPED_TOKEN,
    SWIFT,
    UNSCOPED_TOKEN,
    FakeCloud,
    server,
)
from tests.unit.test_clouds_http import RawServer, serve

__all__ = ["serve"]  # a fixture

# The SDK warns about its own plans whenever it is started.
pytestmark = pytest.mark.filterwarnings("ignore::openstack.warnings.RemovedInSDK50Warning")


@pytest.fixture
def cloud(requests_mock: requests_mock.Mocker) -> FakeCloud:
    return FakeCloud(requests_mock)


@pytest.fixture
def sdk(cloud: FakeCloud) -> Iterator[Sdk]:
    with cloud.connection() as connection:
        yield connection.sdk


def since_login(cloud: FakeCloud) -> list[Any]:
    """Return the requests that were made after the two that log in."""
    return cloud.mock.request_history[2:]


def test_starting_makes_no_request(cloud: FakeCloud, sdk: Sdk) -> None:
    assert sdk.compute.default_microversion == "2.73"
    assert sdk.block_storage.default_microversion == "3.60"
    assert [sdk.network, sdk.image, sdk.object_store, sdk.identity]
    assert since_login(cloud) == []


def test_a_call_is_one_request_with_token_microversion_and_request_id(cloud: FakeCloud) -> None:
    cloud.mock.get(f"{NOVA}/servers/server-1", json={"server": server(1)})
    with cloud.connection() as connection:
        assert connection.sdk.compute.get_server("server-1").name == "web-01"
    (request,) = since_login(cloud)
    assert request.headers["OpenStack-API-Version"] == "compute 2.73"
    assert request.headers["X-Auth-Token"] == SCOPED_TOKEN
    assert request.headers["X-Openstack-Request-Id"] == connection.http.request_id
    assert request.headers["User-Agent"].startswith("meshdeck ")


def test_an_old_cloud_is_asked_in_its_old_microversion(requests_mock: requests_mock.Mocker) -> None:
    ocata = FakeCloud(requests_mock, ocata=True)
    ocata.mock.delete(f"{NOVA}/servers/server-1", status_code=204)
    with ocata.connection() as connection:
        connection.sdk.compute.delete_server("server-1")
    assert [r.headers["OpenStack-API-Version"] for r in since_login(ocata)] == ["compute 2.42"]


def test_what_needs_a_microversion_does_not_look_for_it(cloud: FakeCloud, sdk: Sdk) -> None:
    cloud.mock.post(f"{NOVA}/os-server-groups", json={"server_group": {"id": "group-1", "policy": "affinity"}})
    assert sdk.compute.create_server_group(name="apart", policy="affinity").id == "group-1"
    (request,) = since_login(cloud)
    assert request.json() == {"server_group": {"name": "apart", "policy": "affinity"}}


def test_network_and_objects_are_asked_where_discovery_found_them(cloud: FakeCloud, sdk: Sdk) -> None:
    cloud.mock.post(f"{NEUTRON}/v2.0/security-groups", json={"security_group": {"id": "group-9"}}, status_code=201)
    cloud.mock.put(f"{SWIFT}/logs", status_code=201)
    sdk.network.create_security_group(name="web")
    sdk.object_store.create_container("logs")
    assert [request.url for request in since_login(cloud)] == [f"{NEUTRON}/v2.0/security-groups", f"{SWIFT}/logs"]


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ({"status_code": 401}, errors.Unauthorized),
        ({"status_code": 403}, errors.Forbidden),
        ({"status_code": 404}, errors.NotFound),
        ({"status_code": 409}, errors.Conflict),
        ({"status_code": 403, "json": {"forbidden": {"message": "Quota exceeded for cores"}}}, errors.QuotaExceeded),
        ({"status_code": 429, "headers": {"Retry-After": "3"}}, errors.RateLimited),
        ({"status_code": 503}, errors.ServerFault),
        ({"status_code": 302, "headers": {"Location": "http://thief.test/"}}, errors.Garbled),
        ({"exc": requests.exceptions.ReadTimeout}, errors.TimedOut),
        ({"exc": requests.exceptions.ConnectionError}, errors.Unreachable),
        ({"exc": requests.exceptions.SSLError}, errors.Untrusted),
    ],
)
@pytest.mark.parametrize("service", ["compute", "image"])
def test_its_errors_are_ours_and_nothing_is_tried_twice(
    cloud: FakeCloud, sdk: Sdk, service: str, answer: dict[str, Any], kind: type[errors.CloudError]
) -> None:
    cloud.break_service(NOVA if service == "compute" else GLANCE, **answer)
    with pytest.raises(errors.CloudError) as caught, answers.translated(Service(service), NOVA):
        sdk.compute.get_server("one") if service == "compute" else sdk.image.get_image("one")
    assert type(caught.value) is kind
    assert len(since_login(cloud)) == 1


def test_a_change_is_one_request_with_token_microversion_and_headers(cloud: FakeCloud) -> None:
    cloud.mock.put(f"{NEUTRON}/v2.0/ports/port-1", json={"port": {}})
    cloud.mock.post(f"{NOVA}/servers/server-1/action", status_code=202)
    with cloud.connection() as connection:
        connection.send(Service.COMPUTE, "POST", "/servers/server-1/action", {"os-stop": None}, expect=(202,))
        connection.send(
            Service.NETWORK,
            "PUT",
            "/ports/port-1",
            {"port": {}},
            expect=(200,),
            headers={"If-Match": "revision_number=3"},
        )
    stop, update = since_login(cloud)
    assert stop.json() == {"os-stop": None}
    assert stop.headers["OpenStack-API-Version"] == "compute 2.73"
    assert update.headers["If-Match"] == "revision_number=3"
    assert {one.headers["X-Auth-Token"] for one in (stop, update)} == {SCOPED_TOKEN}
    assert {one.headers["X-Openstack-Request-Id"] for one in (stop, update)} == {connection.http.request_id}


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ({"status_code": 200, "text": "<html>Log in</html>"}, errors.Garbled),
        ({"status_code": 302, "headers": {"Location": "http://thief.test/"}}, errors.Garbled),
        ({"status_code": 401}, errors.Unauthorized),
        ({"status_code": 409}, errors.Conflict),
        ({"status_code": 503}, errors.ServerFault),
        ({"exc": requests.exceptions.ReadTimeout}, errors.TimedOut),
        ({"exc": requests.exceptions.ConnectionError}, errors.Unreachable),
    ],
)
def test_a_change_has_the_expected_status_or_is_an_error(
    cloud: FakeCloud, answer: dict[str, Any], kind: type[errors.CloudError]
) -> None:
    cloud.break_service(NOVA, **answer)
    with cloud.connection() as connection, pytest.raises(errors.CloudError) as caught:
        connection.send(Service.COMPUTE, "POST", "/servers/server-1/action", {"os-stop": None}, expect=(202,))
    assert type(caught.value) is kind
    assert caught.value.service is Service.COMPUTE
    assert caught.value.url == f"{NOVA}/servers/server-1/action"
    assert len(since_login(cloud)) == 1


def test_a_change_at_a_service_that_the_cloud_lacks_is_not_found(cloud: FakeCloud) -> None:
    without = [endpoint for endpoint in cloud.endpoints() if endpoint.service is not Service.COMPUTE]
    with session.connect(FEDERATION, cloud.state(), without) as connection, pytest.raises(errors.NotFound):
        connection.send(Service.COMPUTE, "DELETE", "/servers/server-1", expect=(204,))
    assert since_login(cloud) == []


def test_a_service_that_the_cloud_lacks_is_not_found(cloud: FakeCloud) -> None:
    without = [endpoint for endpoint in cloud.endpoints() if endpoint.service is not Service.BLOCK_STORAGE]
    with (
        session.connect(FEDERATION, cloud.state(), without) as connection,
        pytest.raises(errors.NotFound),
        answers.translated(Service.BLOCK_STORAGE),
    ):
        connection.sdk.block_storage.get_volume("one")
    assert since_login(cloud) == []


def test_it_waits_no_longer_than_we_do(
    serve: Callable[..., RawServer], monkeypatch: pytest.MonkeyPatch, cloud: FakeCloud
) -> None:
    state = cloud.state()
    cloud.mock.register_uri(requests_mock.ANY, requests_mock.ANY, real_http=True)
    monkeypatch.setattr(http, "READ_SECONDS", 0.2)
    hanging = Endpoint(Service.COMPUTE, serve(lambda _: time.sleep(5)).url + "/v2.1", "2.1", "2.1", "2.96")
    began = time.monotonic()
    with (
        session.connect(FEDERATION, state, [hanging]) as connection,
        pytest.raises(errors.TimedOut),
        answers.translated(Service.COMPUTE),
    ):
        connection.sdk.compute.get_server("one")
    assert time.monotonic() - began < 2


def test_variables_of_the_environment_change_nothing(cloud: FakeCloud, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "OS_AUTH_URL": "http://other.test/v3",
        "OS_COMPUTE_ENDPOINT_OVERRIDE": "http://other.test/",
        "OS_COMPUTE_API_VERSION": "2.1",
        "STATSD_HOST": "other.test",
        "HTTP_PROXY": "http://other.test",
    }.items():
        monkeypatch.setenv(name, value)
    cloud.mock.delete(f"{NOVA}/servers/server-1", status_code=204)
    with cloud.connection() as connection:
        sdk = connection.sdk
        assert sdk.compute.default_microversion == "2.73"
        sdk.compute.delete_server("server-1")
        assert sdk.config.get_statsd_client() is None
        assert sdk.config.get_prometheus_counter() is None
    (request,) = since_login(cloud)
    assert request.url.startswith(NOVA)
    assert not request.proxies


def test_no_token_is_logged_at_any_level(cloud: FakeCloud, caplog: pytest.LogCaptureFixture) -> None:
    for logger in ("", "keystoneauth", "openstack", "urllib3"):
        caplog.set_level(logging.DEBUG, logger)
    cloud.mock.delete(f"{NOVA}/servers/server-1", status_code=204)
    unscoped = session.unscoped(FEDERATION, ACCESS_TOKEN)
    identity.projects(FEDERATION, unscoped)
    state = session.scoped(FEDERATION, unscoped, PROJECT)
    with session.connect(FEDERATION, state, cloud.endpoints()) as connection:
        inventory.read(connection, slow=True)
        connection.sdk.compute.delete_server("server-1")
    assert f"-X DELETE {NOVA}/servers/server-1" in caplog.text
    assert "{SHA256}" in caplog.text
    for token in (ACCESS_TOKEN, UNSCOPED_TOKEN, SCOPED_TOKEN):
        assert token not in caplog.text
