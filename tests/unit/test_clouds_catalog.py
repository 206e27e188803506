"""What a cloud consists of, found from any address; and whether its services answer."""

from typing import Any

import pytest
import requests
import requests_mock
from requests_mock import ANY

from clouds import errors
from clouds.openstack import catalog, health, session
from clouds.openstack.catalog import Discovery
from clouds.openstack.services import Endpoint, Service, by_service
from tests.unit.clouds_fake import FEDERATION, GLANCE, KEYSTONE, NEUTRON, NOVA, PROJECT, FakeCloud, version

ROOT = KEYSTONE.removesuffix("/v3")


@pytest.fixture
def cloud(requests_mock: requests_mock.Mocker) -> FakeCloud:
    return FakeCloud(requests_mock)


def discover(cloud: FakeCloud, federation: session.Federation = FEDERATION) -> Discovery:
    with session.connect(federation, cloud.state()) as connection:
        return catalog.discover(connection)


@pytest.mark.parametrize("address", [ROOT, f"{ROOT}/", KEYSTONE, f"{KEYSTONE}/", f" {KEYSTONE} ", f"{ROOT}/v2.0"])
def test_keystone_is_found_from_any_of_its_addresses(cloud: FakeCloud, address: str) -> None:
    assert catalog.describe(address) == catalog.Keystone(KEYSTONE, "3.14")
    assert len(cloud.mock.request_history) == 1


def test_keystone_is_found_below_a_path(requests_mock: requests_mock.Mocker) -> None:
    requests_mock.get("https://cloud.test/identity/v3", json={"version": {"id": "v3.8"}})
    assert catalog.describe("https://cloud.test/identity").auth_url == "https://cloud.test/identity/v3"


@pytest.mark.parametrize(
    ("answers", "kind", "says"),
    [
        ([{"text": "<html>Horizon</html>"}], errors.Garbled, "HTML"),
        ([{"json": {"hello": "world"}}], errors.Garbled, "no versions"),
        ([{"json": {"versions": [version("2.1")]}}], errors.Garbled, "no v3"),
        ([{"status_code": 404}, {"status_code": 404}], errors.NotFound, "404"),
        ([{"status_code": 404}, {"json": {"versions": {"values": [version("2.0")]}}}], errors.Garbled, "but v2.0"),
        ([{"status_code": 503}], errors.ServerFault, "503"),
        ([{"exc": requests.exceptions.ConnectionError}], errors.Unreachable, "reached"),
        (
            [{"status_code": 302, "headers": {"Location": "https://login.test/"}}],
            errors.Garbled,
            "redirected the request",
        ),
    ],
)
def test_what_is_no_keystone_is_refused_with_the_reason(
    requests_mock: requests_mock.Mocker, answers: list[dict[str, Any]], kind: type[errors.CloudError], says: str
) -> None:
    requests_mock.get(ANY, answers)
    with pytest.raises(errors.CloudError, match=says) as caught:
        catalog.describe("http://cloud.test:5000")
    assert type(caught.value) is kind


@pytest.mark.parametrize("address", ["", "cloud.test:5000", "ftp://cloud.test", "http://", "http://[::"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(errors.Unreachable):
        catalog.describe(address)


def test_all_services_are_found_with_their_versions(cloud: FakeCloud) -> None:
    seen = discover(cloud)
    assert seen.faults == {}
    assert list(seen.endpoints) == [
        Endpoint(Service.IDENTITY, KEYSTONE, "3.14"),
        Endpoint(Service.COMPUTE, NOVA, "2.1", "2.1", "2.96"),
        Endpoint(Service.NETWORK, f"{NEUTRON}/v2.0", "2.0"),
        Endpoint(Service.BLOCK_STORAGE, "http://cloud.test:8776/v3/{project_id}", "3.0", "3.0", "3.71"),
        Endpoint(Service.IMAGE, f"{GLANCE}/v2", "2.10"),
        Endpoint(Service.OBJECT_STORE, "http://cloud.test:8080/v1/AUTH_{project_id}", "2.38.3"),
    ]


def test_discovery_asks_each_service_at_most_twice_and_never_sends_the_token(cloud: FakeCloud) -> None:
    state = cloud.state()
    before = len(cloud.mock.request_history)
    with session.connect(FEDERATION, state) as connection:
        catalog.discover(connection)
    asked = cloud.mock.request_history[before:]
    assert len(asked) <= 2 * len(Service)
    assert not [request for request in asked if "X-Auth-Token" in request.headers]


def test_an_old_cloud_tells_its_old_microversions(requests_mock: requests_mock.Mocker) -> None:
    found = by_service(discover(FakeCloud(requests_mock, ocata=True)).endpoints)
    assert found[Service.COMPUTE].microversion == (2, 42)
    assert found[Service.BLOCK_STORAGE].microversion == (3, 27)


def test_the_location_has_its_region_and_interface(cloud: FakeCloud) -> None:
    state = cloud.state()
    assert catalog.regions(state) == ["far", "north"]
    assert catalog.catalog_url(state, Service.COMPUTE, "far", "public") == "http://far.test/"
    assert catalog.catalog_url(state, Service.COMPUTE, "north", "internal") == "http://inside.test/"
    assert catalog.catalog_url(state, Service.COMPUTE, "nowhere", "public") is None


def test_what_the_cloud_lacks_is_named(cloud: FakeCloud) -> None:
    cloud.catalog = [entry for entry in cloud.catalog if entry["type"] != "object-store"]
    seen = discover(cloud)
    assert Service.OBJECT_STORE not in by_service(seen.endpoints)
    fault = seen.faults[Service.OBJECT_STORE]
    assert isinstance(fault, errors.NotFound)
    assert fault.reason == "Objects has no public endpoint in the catalogue for region north."


def test_a_service_that_is_down_is_named_and_the_others_are_found(cloud: FakeCloud) -> None:
    state = cloud.state()
    cloud.break_service("http://cloud.test:8774", exc=requests.exceptions.ConnectionError)
    with session.connect(FEDERATION, state) as connection:
        seen = catalog.discover(connection)
    assert {service: type(fault) for service, fault in seen.faults.items()} == {Service.COMPUTE: errors.Unreachable}
    assert len(seen.endpoints) == 5


def test_a_root_that_is_another_site_is_passed_over_for_the_versioned_address(cloud: FakeCloud) -> None:
    cloud.mock.get("http://cloud.test:8774/", status_code=404, text="<html>nothing here</html>")
    cloud.mock.get(f"{NOVA}/", json={"version": version("2.1", "2.60", "2.1")})
    assert by_service(discover(cloud).endpoints)[Service.COMPUTE].max_microversion == "2.60"


def test_a_cinder_without_v3_is_refused(cloud: FakeCloud) -> None:
    cloud.mock.get("http://cloud.test:8776/", json={"versions": [version("2.0")]}, status_code=300)
    assert "offers no v3 (but v2.0)" in discover(cloud).faults[Service.BLOCK_STORAGE].reason


def test_a_swift_that_closes_its_info_is_used_without_a_release(cloud: FakeCloud) -> None:
    cloud.mock.get("http://cloud.test:8080/info", status_code=403)
    found = by_service(discover(cloud).endpoints)[Service.OBJECT_STORE]
    assert (found.version, found.s3_url) == ("", "")


def test_a_swift_says_by_itself_that_it_speaks_s3(cloud: FakeCloud) -> None:
    cloud.mock.get("http://cloud.test:8080/info", json={"swift": {"version": "2.38.3"}, "s3api": {}})
    found = by_service(discover(cloud).endpoints)[Service.OBJECT_STORE]
    assert (found.version, found.s3_url) == ("2.38.3", "http://cloud.test:8080")


@pytest.mark.parametrize("status", [200, 403])
def test_a_gateway_for_s3_that_the_catalogue_has_goes_before_it(cloud: FakeCloud, status: int) -> None:
    gateway = {"type": "s3", "endpoints": [{"interface": "public", "region_id": "north", "url": "http://s3.test/"}]}
    cloud.catalog.append(gateway)
    cloud.mock.get("http://cloud.test:8080/info", status_code=status, json={"s3api": {}})
    assert by_service(discover(cloud).endpoints)[Service.OBJECT_STORE].s3_url == "http://s3.test"


@pytest.mark.parametrize("body", [{"versions": "many"}, {"versions": [{"id": 5}]}, {"versions": [3]}, {}])
def test_an_odd_version_document_is_garbled(cloud: FakeCloud, body: Any) -> None:
    cloud.mock.get("http://cloud.test:8774/", json=body)
    assert isinstance(discover(cloud).faults[Service.COMPUTE], errors.Garbled)


class TestPing:
    def test_each_service_answers_for_itself(self, cloud: FakeCloud) -> None:
        cloud.break_service("http://cloud.test:8774", exc=requests.exceptions.ReadTimeout)
        cloud.break_service("http://cloud.test:8776", status_code=503)
        seen = {ping.service: ping for ping in health.ping(cloud.endpoints())}
        assert type(seen[Service.COMPUTE].error) is errors.TimedOut
        assert type(seen[Service.BLOCK_STORAGE].error) is errors.ServerFault
        assert [s for s, ping in seen.items() if ping.error is None] == [
            Service.IDENTITY,
            Service.NETWORK,
            Service.IMAGE,
            Service.OBJECT_STORE,
        ]
        assert seen[Service.NETWORK].version == "2.0"
        assert all(ping.latency_ms >= 0 for ping in seen.values())

    def test_no_token_is_needed_and_none_is_sent(self, cloud: FakeCloud) -> None:
        health.ping(cloud.endpoints())
        assert not [r for r in cloud.mock.request_history if "X-Auth-Token" in r.headers]

    def test_a_stranger_who_is_turned_away_was_answered(self, cloud: FakeCloud) -> None:
        cloud.break_service(f"{NEUTRON}/", status_code=401)
        assert [ping.error for ping in health.ping(cloud.endpoints())] == [None] * 6

    def test_nothing_to_ask_is_no_fault(self) -> None:
        assert health.ping([]) == []


def test_the_project_is_taken_out_of_stored_addresses(cloud: FakeCloud) -> None:
    assert not [endpoint for endpoint in discover(cloud).endpoints if PROJECT in endpoint.url]
