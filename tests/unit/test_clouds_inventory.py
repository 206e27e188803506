"""What is read of a project: true, whole, checked; and one service's fault stays with that service."""

import re
import time
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
import requests_mock

from clouds import errors
from clouds.openstack import inventory
from clouds.openstack.inventory import Inventory
from clouds.openstack.inventory.values import Measure
from clouds.openstack.paging import PAGE
from tests.unit.clouds_fake import (
    CINDER,
    GLANCE,
    NEUTRON,
    NOVA,
    PROJECT,
    SCOPED_TOKEN,
    SWIFT,
    FakeCloud,
    key_pair,
    port,
    server,
    volume,
)


@pytest.fixture
def cloud(requests_mock: requests_mock.Mocker) -> FakeCloud:
    return FakeCloud(requests_mock)


@pytest.fixture
def ocata(requests_mock: requests_mock.Mocker) -> FakeCloud:
    return FakeCloud(requests_mock, ocata=True)


def read(cloud: FakeCloud, **options: Any) -> Inventory:
    with cloud.connection() as connection:
        return inventory.read(connection, **options)


def data(part: Any) -> Any:
    assert part is not None
    assert part.error is None, part.error
    return part.data


def limits(seen: Inventory) -> dict[str, tuple[int | None, int | None]]:
    return {limit.measure: (limit.used, limit.allowed) for limit in seen.limits}


def test_a_refresh_takes_twelve_calls(cloud: FakeCloud) -> None:
    before = len(cloud.mock.request_history)
    seen = read(cloud)
    assert seen.errors == []
    assert seen.calls == 12
    assert len(cloud.mock.request_history) - before == 12 + 2  # and two to log in
    assert seen.image is None


def test_the_slow_part_takes_nine_more(cloud: FakeCloud) -> None:
    seen = read(cloud, slow=True)
    assert seen.calls == 21
    assert [flavor.name for flavor in data(seen.compute).flavors] == ["m1.medium"]
    assert [(zone.name, zone.service) for zone in data(seen.compute).zones] == [("zone-a", "compute")]
    assert data(seen.network).routers == []
    assert [kind.model_dump() for kind in data(seen.block_storage).volume_types] == [
        {"external_id": "type-1", "name": "ssd", "description": "Fast", "public": True, "default": True},
        {"external_id": "type-2", "name": "hdd", "description": "", "public": False, "default": False},
    ]
    assert [(zone.name, zone.service) for zone in data(seen.block_storage).zones] == [("zone-a", "block-storage")]
    assert [pair.name for pair in data(seen.compute).key_pairs] == ["laptop", "build"]
    assert [(image.name, image.owned) for image in data(seen.image).images] == [("Debian 13", False), ("Own", True)]


def test_what_was_not_asked_for_is_none_and_not_empty(cloud: FakeCloud) -> None:
    seen = read(cloud)
    assert data(seen.compute).flavors is None
    assert data(seen.compute).zones is None
    assert data(seen.compute).key_pairs is None
    assert data(seen.network).routers is None
    assert data(seen.block_storage).volume_types is None
    assert data(seen.block_storage).zones is None


def test_a_persons_own_key_pairs_take_one_call_and_name_their_owner(cloud: FakeCloud) -> None:
    seen = read(cloud, key_pairs=True)
    assert seen.calls == 13
    assert seen.user_id == "user-1"
    assert data(seen.compute).flavors is None
    assert [pair.model_dump() for pair in data(seen.compute).key_pairs] == [
        {
            "external_id": "laptop",
            "name": "laptop",
            "user_id": "user-1",
            "type": "ssh",
            "fingerprint": "1e:2c:9b:56:79:4b:45:77:f9:ca:7a:98:2c:b0:d5:3c",
        },
        {
            "external_id": "build",
            "name": "build",
            "user_id": "user-1",
            "type": "x509",
            "fingerprint": "1e:2c:9b:56:79:4b:45:77:f9:ca:7a:98:2c:b0:d5:3c",
        },
    ]


def test_key_pairs_are_read_to_the_last_page(cloud: FakeCloud) -> None:
    cloud.key_pairs = [key_pair(f"key-{number:04}") for number in range(2 * PAGE + 1)]
    found = data(read(cloud, key_pairs=True).compute).key_pairs
    assert [pair.name for pair in found] == [f"key-{number:04}" for number in range(2 * PAGE + 1)]


@pytest.mark.parametrize(
    "answer",
    [
        {"status_code": 404, "json": {"itemNotFound": {"message": "Default volume type can not be found."}}},
        {"status_code": 403, "json": {"forbidden": {"message": "Policy doesn't allow volume_extension:type_get."}}},
        {"status_code": 500, "json": {"computeFault": {"message": "The request cannot be fulfilled."}}},
    ],
)
def test_a_cloud_that_names_no_default_type_has_none_and_is_well(cloud: FakeCloud, answer: dict[str, Any]) -> None:
    cloud.mock.get(f"{CINDER}/types/default", **answer)
    types = data(read(cloud, slow=True).block_storage).volume_types
    assert [(kind.name, kind.default) for kind in types] == [("ssd", False), ("hdd", False)]


def test_a_server_has_what_a_panel_shows(cloud: FakeCloud) -> None:
    cloud.servers = [
        server(
            1,
            key_name="laptop",
            config_drive="True",
            locked=True,
            fault={"code": 500, "message": "No valid host was found."},
            **{
                "OS-EXT-STS:task_state": "rebooting",
                "os-extended-volumes:volumes_attached": [{"id": "volume-1", "delete_on_termination": True}],
            },
        )
    ]
    cloud.volumes = [volume(1, attachments=[{"server_id": "server-1", "device": "/dev/vdb", "attached_at": None}])]
    cloud.groups = [
        {"id": "group-1", "name": "web", "security_group_rules": []},
        {"id": "group-2", "name": "office", "security_group_rules": []},
    ]
    cloud.ports = [port(1, security_groups=["group-1", "group-2"])]
    found = data(read(cloud, image_names={"image-1": "Debian 13"}).compute).servers[0]
    assert found.model_dump() == {
        "external_id": "server-1",
        "name": "web-01",
        "status": "ACTIVE",
        "task_state": "rebooting",
        "power_state": "running",
        "fault_code": 500,
        "fault": "No valid host was found.",
        "flavor_name": "m1.medium",
        "vcpus": 2,
        "ram_mb": 8192,
        "disk_gb": 40,
        "image_id": "image-1",
        "image_name": "Debian 13",
        "key_name": "laptop",
        "zone": "zone-a",
        "user_id": "user-1",
        "locked": True,
        "config_drive": True,
        "addresses": [
            {
                "network": "app-net",
                "address": "10.0.4.1",
                "version": 4,
                "type": "fixed",
                "mac": "fa:16:3e:00:00:01",
                "port_id": "port-1",
            }
        ],
        "volumes": [{"id": "volume-1", "device": "/dev/vdb", "delete_on_termination": True}],
        "security_groups": [{"id": "group-2", "name": "office"}, {"id": "group-1", "name": "web"}],
        "metadata": {"tier": "front"},
        "tags": ["blue"],
        "created_at": datetime(2026, 10, 13, 8, tzinfo=UTC),
        "launched_at": datetime(2026, 10, 13, 8, 0, 9, tzinfo=UTC),
        "updated_at": datetime(2026, 10, 13, 8, 0, 9, tzinfo=UTC),
    }


def test_a_server_that_boots_from_a_volume_has_no_image(cloud: FakeCloud) -> None:
    cloud.servers = [server(1, image="")]
    assert data(read(cloud).compute).servers[0].image_id == ""


def test_a_server_of_a_cell_that_is_down_is_shown_as_far_as_known(cloud: FakeCloud) -> None:
    cloud.servers = [{"id": "server-9", "status": "UNKNOWN", "tenant_id": PROJECT, "created": "2026-10-13T08:00:00Z"}]
    found = data(read(cloud).compute).servers[0]
    assert (found.external_id, found.status, found.name, found.vcpus) == ("server-9", "UNKNOWN", "", 0)


def test_floating_ips_come_from_neutron_and_not_from_novas_copy(cloud: FakeCloud) -> None:
    stale = {"version": 4, "addr": "198.51.100.9", "OS-EXT-IPS:type": "floating", "OS-EXT-IPS-MAC:mac_addr": "x"}
    addresses = server(1)["addresses"]
    addresses["app-net"].append(stale)
    cloud.servers = [server(1, addresses=addresses)]
    cloud.floating_ips = [
        {
            "id": "floating-1",
            "floating_ip_address": "198.51.100.24",
            "floating_network_id": "outside",
            "fixed_ip_address": "10.0.4.1",
            "port_id": "port-1",
            "router_id": None,
            "status": "ACTIVE",
        }
    ]
    seen = read(cloud)
    found = data(seen.compute).servers[0].addresses
    assert [(a.address, a.type, a.port_id) for a in found] == [
        ("10.0.4.1", "fixed", "port-1"),
        ("198.51.100.24", "floating", "port-1"),
    ]
    assert data(seen.network).floating_ips[0].server_id == "server-1"


def test_limits_say_used_and_allowed_and_where_there_is_no_limit(cloud: FakeCloud) -> None:
    seen = limits(read(cloud))
    assert seen[Measure.VCPUS] == (4, 40)
    assert seen[Measure.RAM_MB] == (16384, None)
    assert seen[Measure.KEY_PAIRS] == (None, 100)
    assert seen[Measure.VOLUME_GB] == (20, 1000)
    assert seen[Measure.FLOATING_IPS] == (1, 10)
    assert seen[Measure.PORTS] == (1, None)
    assert Measure.OBJECT_BYTES not in seen


def test_the_quota_of_a_swift_account_is_a_limit(cloud: FakeCloud) -> None:
    cloud.account_headers["X-Account-Meta-Quota-Bytes"] = "10000"
    assert limits(read(cloud))[Measure.OBJECT_BYTES] == (4096, 10000)


def test_networks_of_strangers_are_left_out_and_shared_ones_are_marked(cloud: FakeCloud) -> None:
    """An admin's token sees every network of the cloud."""
    cloud.networks += [
        {"id": "n-2", "name": "shared", "tenant_id": "other", "shared": True},
        {"id": "n-3", "name": "outside", "tenant_id": "other", "router:external": True},
        {"id": "n-4", "name": "secret", "tenant_id": "other"},
    ]
    cloud.subnets += [{"id": "s-4", "name": "secret", "network_id": "n-4", "cidr": "10.9.0.0/24"}]
    part = data(read(cloud).network)
    assert [(n.name, n.owned) for n in part.networks] == [("app-net", True), ("shared", False), ("outside", False)]
    assert [subnet.name for subnet in part.subnets] == ["app"]


def test_neutron_is_asked_for_the_projects_own(cloud: FakeCloud) -> None:
    read(cloud, slow=True)
    asked = {r.path: r.qs.get("tenant_id") for r in cloud.mock.request_history if r.url.startswith(NEUTRON)}
    for path in ("ports", "routers", "floatingips"):
        assert asked[f"/v2.0/{path}"] == [PROJECT]


def test_rules_come_with_their_groups(cloud: FakeCloud) -> None:
    rule = {
        "id": "rule-1",
        "security_group_id": "group-1",
        "direction": "ingress",
        "ethertype": "IPv4",
        "protocol": "tcp",
        "port_range_min": 443,
        "port_range_max": 443,
        "remote_ip_prefix": None,
        "remote_group_id": None,
    }
    cloud.groups[0]["security_group_rules"] = [rule]
    found = data(read(cloud).network).security_group_rules[0]
    assert (found.group_id, found.port_min, found.remote_cidr) == ("group-1", 443, "")


class TestOcata:
    def test_flavors_come_from_the_list_that_the_caller_knows(self, ocata: FakeCloud) -> None:
        flavors = {flavor.external_id: flavor for flavor in data(read(ocata, slow=True).compute).flavors}
        found = data(read(ocata, flavors=flavors).compute).servers[0]
        assert (found.flavor_name, found.vcpus, found.ram_mb, found.disk_gb) == ("m1.medium", 2, 8192, 40)

    def test_flavors_come_from_the_slow_part_itself(self, ocata: FakeCloud) -> None:
        found = data(read(ocata, slow=True).compute).servers[0]
        assert (found.flavor_name, found.vcpus) == ("m1.medium", 2)

    def test_the_clouds_own_newest_microversions_are_spoken(self, ocata: FakeCloud) -> None:
        assert read(ocata).errors == []
        spoken = {r.headers.get("OpenStack-API-Version") for r in ocata.mock.request_history}
        assert spoken == {None, "compute 2.42", "volume 3.27"}

    def test_what_is_used_is_counted_where_quotas_do_not_say(self, ocata: FakeCloud) -> None:
        seen = limits(read(ocata))
        assert seen[Measure.NETWORKS] == (1, 5)
        assert seen[Measure.PORTS] == (2, None)
        assert seen[Measure.ROUTERS] == (None, 2)

    def test_novas_old_proxies_of_neutron_are_not_believed(self, ocata: FakeCloud) -> None:
        ocata.floating_ips = []
        assert limits(read(ocata))[Measure.FLOATING_IPS] == (0, 10)


def test_todays_cloud_is_spoken_to_in_the_microversions_of_our_models(cloud: FakeCloud) -> None:
    read(cloud)
    spoken = {r.headers.get("OpenStack-API-Version") for r in cloud.mock.request_history}
    assert spoken == {None, "compute 2.73", "volume 3.60"}


class TestPaging:
    def test_lists_are_read_to_their_end(self, cloud: FakeCloud) -> None:
        cloud.servers = [server(n) for n in range(2 * PAGE + 1)]
        found = data(read(cloud).compute).servers
        assert [one.external_id for one in found] == [f"server-{n}" for n in range(2 * PAGE + 1)]
        assert len([path for path in cloud.paths(NOVA) if path.endswith("/servers/detail")]) == 3

    def test_a_list_that_just_fills_its_pages_ends(self, cloud: FakeCloud) -> None:
        cloud.volumes = [volume(n) for n in range(PAGE)]
        assert len(data(read(cloud).block_storage).volumes) == PAGE

    def test_a_row_that_two_pages_have_is_counted_once(self, cloud: FakeCloud) -> None:
        pages = [
            {"servers": [server(1), server(2)], "servers_links": [{"rel": "next", "href": "http://x/?marker=2"}]},
            {"servers": [server(2), server(3)]},
        ]
        cloud.mock.get(f"{NOVA}/servers/detail", [{"json": page} for page in pages])
        found = data(read(cloud).compute).servers
        assert [one.external_id for one in found] == ["server-1", "server-2", "server-3"]

    def test_pages_without_end_are_a_fault(self, cloud: FakeCloud) -> None:
        page = {"servers": [server(1)], "servers_links": [{"rel": "next", "href": "http://x/?marker=1"}]}
        cloud.mock.get(f"{NOVA}/servers/detail", json=page)
        seen = read(cloud)
        assert seen.compute is not None
        assert isinstance(seen.compute.error, errors.Garbled)
        assert "repeats its pages" in seen.compute.error.reason

    def test_images_follow_glances_next(self, cloud: FakeCloud) -> None:
        image = {"name": "x", "status": "active"}
        cloud.mock.get(
            f"{GLANCE}/v2/images",
            [
                {"json": {"images": [{**image, "id": "1"}], "next": "/v2/images?marker=1"}},
                {"json": {"images": [{**image, "id": "2"}]}},
            ],
        )
        assert [one.external_id for one in data(read(cloud, slow=True).image).images] == ["1", "2"]

    def test_containers_are_read_until_the_account_has_no_more(self, cloud: FakeCloud) -> None:
        cloud.containers = [{"name": name, "count": 1, "bytes": 2} for name in "abcde"]
        cloud.account_headers["X-Account-Container-Count"] = "5"
        assert [one.name for one in data(read(cloud).object_store).containers] == list("abcde")
        assert len(cloud.paths(SWIFT)) == 3

    def test_an_account_that_counts_more_than_it_lists_is_no_endless_loop(self, cloud: FakeCloud) -> None:
        cloud.account_headers["X-Account-Container-Count"] = "7"
        assert [one.name for one in data(read(cloud).object_store).containers] == ["logs"]

    def test_an_account_that_lists_the_same_for_ever_is_a_fault(self, cloud: FakeCloud) -> None:
        headers = {"X-Account-Container-Count": "7"}
        cloud.mock.get(SWIFT, json=[{"name": "a", "count": 1, "bytes": 1}], headers=headers)
        seen = read(cloud)
        assert seen.object_store is not None
        assert isinstance(seen.object_store.error, errors.Garbled)
        assert "repeats its pages" in seen.object_store.error.reason


def test_a_cloud_that_crawls_from_page_to_page_times_out(cloud: FakeCloud) -> None:
    connection = cloud.connection()

    def slowly(request: object, context: object) -> dict[str, Any]:
        time.sleep(0.2)
        return {"servers": [server(1)], "servers_links": [{"rel": "next", "href": "http://x/?marker=1"}]}

    cloud.mock.get(f"{NOVA}/servers/detail", json=slowly)
    seen = inventory.read(connection, seconds=0.1)
    assert seen.compute is not None
    assert type(seen.compute.error) is errors.TimedOut
    assert cloud.paths(NOVA).count("/v2.1/servers/detail") == 1


FAULTS: list[tuple[str, dict[str, Any], type[errors.CloudError]]] = [
    ("down", {"exc": requests.exceptions.ConnectionError}, errors.Unreachable),
    ("slow", {"exc": requests.exceptions.ReadTimeout}, errors.TimedOut),
    ("slow to connect", {"exc": requests.exceptions.ConnectTimeout}, errors.TimedOut),
    ("failing", {"status_code": 503, "text": "<html>proxy</html>"}, errors.ServerFault),
    ("broken", {"status_code": 500, "json": {"computeFault": {"message": "Unexpected"}}}, errors.ServerFault),
    ("HTML", {"text": "<!DOCTYPE html><html>Log in</html>"}, errors.Garbled),
    ("truncated", {"text": '{"servers": [{"id": "a'}, errors.Garbled),
    ("empty", {"text": ""}, errors.Garbled),
    ("a list", {"json": [1]}, errors.Garbled),
    ("without the list", {"json": {}}, errors.Garbled),
    ("of a wrong type", {"json": {"servers": [{"id": 5}], "volumes": 3, "ports": "x"}}, errors.Garbled),
    ("not accepting the token", {"status_code": 401}, errors.Unauthorized),
    ("forbidding", {"status_code": 403, "json": {"forbidden": {"message": "Policy"}}}, errors.Forbidden),
    ("gone", {"status_code": 404}, errors.NotFound),
    ("overrun", {"status_code": 429, "headers": {"Retry-After": "7"}}, errors.RateLimited),
    ("overrun, in the old way", {"status_code": 413, "headers": {"Retry-After": "7"}}, errors.RateLimited),
    ("a choice", {"status_code": 300, "json": {"versions": []}}, errors.Garbled),
    ("elsewhere", {"status_code": 302, "headers": {"Location": "http://evil.test/"}}, errors.Garbled),
    ("a loop", {"status_code": 302, "headers": {"Location": "/v2.1/servers/detail"}}, errors.Garbled),
]


@pytest.mark.parametrize(("answer", "kind"), [f[1:] for f in FAULTS], ids=[f[0] for f in FAULTS])
def test_a_faulty_compute_service_harms_its_own_part_only(
    cloud: FakeCloud, answer: dict[str, Any], kind: type[errors.CloudError]
) -> None:
    connection = cloud.connection()
    cloud.break_service(NOVA, **answer)
    seen = inventory.read(connection)
    assert seen.compute is not None
    assert type(seen.compute.error) is kind
    assert seen.compute.data is None
    assert seen.compute.error.service == "compute"
    assert seen.compute.error.reason.startswith("Compute")
    for part in (seen.network, seen.block_storage, seen.object_store):
        assert data(part) is not None


@pytest.mark.parametrize("base", [NEUTRON, CINDER, SWIFT, GLANCE])
def test_any_other_service_may_fail_too(cloud: FakeCloud, base: str) -> None:
    connection = cloud.connection()
    cloud.break_service(base, status_code=502)
    seen = inventory.read(connection, slow=True)
    assert [type(error) for error in seen.errors] == [errors.ServerFault]
    assert len(data(seen.compute).servers) == 2


def test_servers_are_shown_while_the_network_service_is_down(cloud: FakeCloud) -> None:
    connection = cloud.connection()
    cloud.break_service(NEUTRON, exc=requests.exceptions.ConnectionError)
    found = data(inventory.read(connection).compute).servers[0]
    assert [(a.address, a.port_id) for a in found.addresses] == [("10.0.4.1", "")]
    assert [(group.id, group.name) for group in found.security_groups] == [("", "default")]


def test_a_service_that_the_cloud_lacks_is_not_asked(cloud: FakeCloud) -> None:
    with cloud.connection() as connection:
        connection.endpoints = {s: e for s, e in connection.endpoints.items() if s != "object-store"}
        seen = inventory.read(connection)
    assert seen.object_store is None
    assert seen.errors == []
    assert cloud.paths(SWIFT) == []


def test_quotas_that_only_admins_may_read_are_left_out(cloud: FakeCloud) -> None:
    connection = cloud.connection()
    cloud.mock.get(re.compile(f"{NEUTRON}/v2.0/quotas/.*"), status_code=403)
    seen = inventory.read(connection)
    assert data(seen.network).limits == []
    assert len(data(seen.network).ports) == 2


def test_an_error_names_the_request_and_holds_no_token(cloud: FakeCloud) -> None:
    connection = cloud.connection()
    cloud.break_service(
        NOVA,
        status_code=500,
        json={"computeFault": {"message": f"Failed with X-Auth-Token {SCOPED_TOKEN}"}},
        headers={"X-Openstack-Request-Id": "req-7f3c1e"},
    )
    seen = inventory.read(connection)
    assert seen.compute is not None
    error = seen.compute.error
    assert error is not None
    assert (error.request_id, error.status) == ("req-7f3c1e", 500)
    assert error.detail == "Failed with X-Auth-Token ***"
    assert "?" not in error.url
    assert SCOPED_TOKEN not in repr(error) + str(error.__dict__) + repr(connection) + repr(seen)


def test_one_request_id_goes_through_all_services(cloud: FakeCloud) -> None:
    with cloud.connection() as connection:
        first = len(cloud.mock.request_history)
        inventory.read(connection)
        sent = {r.headers["X-Openstack-Request-Id"] for r in cloud.mock.request_history[first:]}
        assert sent == {connection.http.request_id}
    assert re.fullmatch(r"req-[0-9a-f-]{36}", sent.pop())


def test_each_part_tells_how_long_it_took_and_how_many_calls(cloud: FakeCloud) -> None:
    seen = read(cloud)
    assert [(part.service.value, part.calls) for part in seen.parts] == [
        ("compute", 2),
        ("network", 6),
        ("block-storage", 3),
        ("object-store", 1),
    ]
