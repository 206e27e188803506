"""What can be done with a server: the one request that each change makes, and the errors that come of it."""

import base64
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
import requests_mock

from clouds import errors
from clouds.openstack import servers, session
from clouds.openstack.inventory.compute import Server
from clouds.openstack.marks import MARK
from clouds.openstack.servers import Action, BootVolume, Console, Reboot, Source
from clouds.openstack.services import Service
from clouds.openstack.session import Connection
from tests.unit.clouds_changes import check_call_faults
from tests.unit.clouds_fake import FEDERATION, NEUTRON, NOVA, PROJECT, SCOPED_TOKEN, FakeCloud, port, server

# The SDK warns about its own plans whenever it is started.
pytestmark = pytest.mark.filterwarnings("ignore::openstack.warnings.RemovedInSDK50Warning")

ONE = f"{NOVA}/servers/server-1"
ACT = f"{ONE}/action"
MARKED = "f4b7-operation"
LOGIN_PAGE = {"status_code": 200, "text": "<html>Log in</html>", "headers": {"Content-Type": "text/html"}}
REQUEST = {"x-openstack-request-id": "req-cloud"}
CONSOLE = "https://console.test/vnc_auto.html?token=f2a7c1-secret"


@pytest.fixture(params=[False, True], ids=["today", "ocata"])
def cloud(request: pytest.FixtureRequest, requests_mock: requests_mock.Mocker) -> FakeCloud:
    return FakeCloud(requests_mock, ocata=request.param)


@pytest.fixture
def today(requests_mock: requests_mock.Mocker) -> FakeCloud:
    """For what does not depend on the cloud's age."""
    return FakeCloud(requests_mock)


@pytest.fixture
def connection(cloud: FakeCloud) -> Iterator[Connection]:
    with cloud.connection() as connection:
        yield connection


def since_login(cloud: FakeCloud) -> list[Any]:
    """Return the requests that were made after the two that log in."""
    return cloud.mock.request_history[2:]


def the_request(cloud: FakeCloud) -> Any:
    """Return the only one that was made, in the microversion that both sides speak and with the token."""
    (request,) = since_login(cloud)
    assert request.headers["X-Auth-Token"] == SCOPED_TOKEN
    if request.url.startswith(NOVA):
        assert request.headers["OpenStack-API-Version"] == ("compute 2.42" if cloud.ocata else "compute 2.73")
    return request


Call = Callable[[Connection], Any]

# call, method, url, body, answer, what it returns
CHANGES: dict[str, tuple[Call, str, str, Any, dict[str, Any], Any]] = {
    "start": (
        lambda c: servers.start(c, "server-1"),
        "POST",
        ACT,
        {"os-start": None},
        {"status_code": 202},
        "req-cloud",
    ),
    "stop": (lambda c: servers.stop(c, "server-1"), "POST", ACT, {"os-stop": None}, {"status_code": 202}, "req-cloud"),
    "soft reboot": (
        lambda c: servers.reboot(c, "server-1", Reboot.SOFT),
        "POST",
        ACT,
        {"reboot": {"type": "SOFT"}},
        {"status_code": 202},
        "req-cloud",
    ),
    "hard reboot": (
        lambda c: servers.reboot(c, "server-1", Reboot.HARD),
        "POST",
        ACT,
        {"reboot": {"type": "HARD"}},
        {"status_code": 202},
        "req-cloud",
    ),
    "resize": (
        lambda c: servers.resize(c, "server-1", "flavor-2"),
        "POST",
        ACT,
        {"resize": {"flavorRef": "flavor-2"}},
        {"status_code": 202},
        "req-cloud",
    ),
    "confirm": (
        lambda c: servers.confirm_resize(c, "server-1"),
        "POST",
        ACT,
        {"confirmResize": None},
        {"status_code": 204},
        "req-cloud",
    ),
    "revert": (
        lambda c: servers.revert_resize(c, "server-1"),
        "POST",
        ACT,
        {"revertResize": None},
        {"status_code": 202},
        "req-cloud",
    ),
    "lock": (lambda c: servers.lock(c, "server-1"), "POST", ACT, {"lock": None}, {"status_code": 202}, "req-cloud"),
    "unlock": (
        lambda c: servers.unlock(c, "server-1"),
        "POST",
        ACT,
        {"unlock": None},
        {"status_code": 202},
        "req-cloud",
    ),
    "rename": (
        lambda c: servers.rename(c, "server-1", "db-01"),
        "PUT",
        ONE,
        {"server": {"name": "db-01"}},
        {"json": {"server": server(1, name="db-01")}},
        None,
    ),
    "delete": (lambda c: servers.delete(c, "server-1"), "DELETE", ONE, None, {"status_code": 204}, "req-cloud"),
    "attach": (
        lambda c: servers.attach_volume(c, "server-1", "volume-1"),
        "POST",
        f"{ONE}/os-volume_attachments",
        {"volumeAttachment": {"volumeId": "volume-1"}},
        {"json": {"volumeAttachment": {"id": "volume-1", "volumeId": "volume-1", "device": "/dev/vdb"}}},
        "/dev/vdb",
    ),
    "detach": (
        lambda c: servers.detach_volume(c, "server-1", "volume-1"),
        "DELETE",
        f"{ONE}/os-volume_attachments/volume-1",
        None,
        {"status_code": 202},
        "req-cloud",
    ),
    "screen": (
        lambda c: servers.console_url(c, "server-1", Console.NOVNC),
        "POST",
        f"{ONE}/remote-consoles",
        {"remote_console": {"protocol": "vnc", "type": "novnc"}},
        {"json": {"remote_console": {"protocol": "vnc", "type": "novnc", "url": CONSOLE}}},
        CONSOLE,
    ),
    "serial line": (
        lambda c: servers.console_url(c, "server-1", Console.SERIAL),
        "POST",
        f"{ONE}/remote-consoles",
        {"remote_console": {"protocol": "serial", "type": "serial"}},
        {
            "json": {
                "remote_console": {"protocol": "serial", "type": "serial", "url": "wss://console.test:6083/?token=x"}
            }
        },
        "wss://console.test:6083/?token=x",
    ),
    "console log": (
        lambda c: servers.console_log(c, "server-1", 50),
        "POST",
        ACT,
        {"os-getConsoleOutput": {"length": 50}},
        {"json": {"output": "login: \n"}},
        "login: \n",
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_exactly_its_one_request(cloud: FakeCloud, connection: Connection, change: str) -> None:
    call, method, url, body, answer, result = CHANGES[change]
    cloud.mock.register_uri(method, url, **{"headers": REQUEST, **answer})
    assert call(connection) == result
    request = the_request(cloud)
    assert (request.method, request.url) == (method, url)
    assert (request.json() if request.body else None) == body


def create(connection: Connection, **wanted: Any) -> str:
    return servers.create(connection, name="web-01", flavor_id="flavor-1", mark=MARKED, **wanted)


CALLS: dict[str, Call] = {
    "get": lambda c: servers.get(c, "server-1"),
    "find": lambda c: servers.find_marked(c, "web-01", MARKED),
    "create": lambda c: create(c, image_id="image-1"),
    "image": lambda c: servers.create_image(c, "server-1", "backup", MARKED),
    "actions": lambda c: servers.actions_of(c, "server-1"),
    "action": lambda c: servers.action_of(c, "server-1", "req-1"),
    **{name: change[0] for name, change in CHANGES.items()},
}
NETWORK_CALLS: dict[str, Call] = {
    "ports": lambda c: servers.ports_of(c, "server-1"),
    "groups": lambda c: servers.set_port_security_groups(c, "port-1", ["group-1"], revision=3),
}


@pytest.mark.parametrize("name", [*CALLS, *NETWORK_CALLS])
def test_what_goes_wrong_is_a_cloud_error_and_nothing_is_tried_twice(today: FakeCloud, name: str) -> None:
    base, service = (NOVA, Service.COMPUTE) if name in CALLS else (NEUTRON, Service.NETWORK)
    check_call_faults(today, base, service, {**CALLS, **NETWORK_CALLS}[name])


@pytest.mark.parametrize("name", [*CALLS, *NETWORK_CALLS])
def test_where_the_service_is_lacking_nothing_is_asked(today: FakeCloud, name: str) -> None:
    lacking = Service.COMPUTE if name in CALLS else Service.NETWORK
    without = [endpoint for endpoint in today.endpoints() if endpoint.service is not lacking]
    with session.connect(FEDERATION, today.state(), without) as connection, pytest.raises(errors.NotFound):
        {**CALLS, **NETWORK_CALLS}[name](connection)
    assert since_login(today) == []


@pytest.mark.parametrize("name", ["create", "image", "rename", "attach", "screen", "console log", "groups"])
@pytest.mark.parametrize("body", ["", "{}", "[]", '{"server": null, "port": [], "remote_console": 1, "output": null}'])
def test_an_answer_that_lacks_what_was_asked_for_is_garbled(today: FakeCloud, name: str, body: str) -> None:
    status = 202 if name in ("create", "image") else 200
    today.break_service(NOVA if name in CALLS else NEUTRON, status_code=status, text=body)
    with today.connection() as connection, pytest.raises(errors.Garbled):
        {**CALLS, **NETWORK_CALLS}[name](connection)


def test_a_server_is_read_as_it_is_now(cloud: FakeCloud, connection: Connection) -> None:
    before_247: dict[str, Any] = {"flavor": {"id": "flavor-1", "links": []}}
    cloud.mock.get(ONE, json={"server": server(1, **(before_247 if cloud.ocata else {}))})
    seen = servers.get(connection, "server-1")
    assert the_request(cloud).url == ONE
    assert (seen.external_id, seen.name, seen.status, seen.flavor_id) == (
        "server-1",
        "web-01",
        "ACTIVE",
        "flavor-1" if cloud.ocata else "",
    )


def test_an_id_can_not_lead_elsewhere(cloud: FakeCloud, connection: Connection) -> None:
    cloud.mock.get(f"{NOVA}/servers/x%2Faction%3F", status_code=404)
    with pytest.raises(errors.NotFound):
        servers.get(connection, "x/action?")


def test_only_the_projects_own_ports_of_the_server_are_its_ports(cloud: FakeCloud, connection: Connection) -> None:
    cloud.ports = [port(1, revision_number=7), port(2, device_id="server-1")]
    first, second = servers.ports_of(connection, "server-1")
    assert the_request(cloud).qs == {"device_id": ["server-1"], "tenant_id": [PROJECT], "limit": ["500"]}
    assert (first.external_id, first.security_group_ids, first.revision) == ("port-1", ["group-1"], 7)
    assert second.revision is None


def test_marked_servers_are_looked_for_by_exact_name_on_all_pages(cloud: FakeCloud, connection: Connection) -> None:
    name, marked = "web (1) *.test", {MARK: MARKED}
    cloud.servers = [server(n, name=name, metadata={}) for n in range(1, 501)]
    cloud.servers += [server(501, name=name, metadata={MARK: "another"}), server(502, name=name, metadata=marked)]
    found = servers.find_marked(connection, name, MARKED)
    assert [row.external_id for row in found] == ["server-502"]
    first, second = since_login(cloud)
    assert requests.utils.unquote(first.query.split("name=")[1].split("&")[0].replace("+", " ")) == (
        r"^web\ \(1\)\ \*\.test$"
    )
    assert second.qs["marker"] == ["server-500"]


def created(cloud: FakeCloud, connection: Connection, **wanted: Any) -> dict[str, Any]:
    """Return the server that is asked for."""
    cloud.mock.post(f"{NOVA}/servers", status_code=202, json={"server": {"id": "server-9", "adminPass": "never"}})
    assert create(connection, **wanted) == "server-9"
    request = the_request(cloud)
    (key,) = request.json()
    assert key == "server"
    return dict(request.json()["server"])


def test_a_server_is_created_from_an_image_with_all_that_it_may_have(cloud: FakeCloud, connection: Connection) -> None:
    asked = created(
        cloud,
        connection,
        image_id="image-1",
        network_ids=["network-1", "network-2"],
        port_ids=["port-9"],
        security_groups=["group-1", "group-2"],
        key_name="laptop",
        user_data="#cloud-config\nname: Zoë\n",
        zone="zone-a",
    )
    assert base64.b64decode(asked.pop("user_data")).decode() == "#cloud-config\nname: Zoë\n"
    assert asked == {
        "name": "web-01",
        "flavorRef": "flavor-1",
        "imageRef": "image-1",
        "metadata": {MARK: MARKED},
        "networks": [{"uuid": "network-1"}, {"uuid": "network-2"}, {"port": "port-9"}],
        "security_groups": [{"name": "group-1"}, {"name": "group-2"}],
        "key_name": "laptop",
        "availability_zone": "zone-a",
    }


def test_nothing_is_sent_that_was_not_asked_for(cloud: FakeCloud, connection: Connection) -> None:
    assert created(cloud, connection, image_id="image-1") == {
        "name": "web-01",
        "flavorRef": "flavor-1",
        "imageRef": "image-1",
        "metadata": {MARK: MARKED},
        "networks": "none",  # without it nova would choose one
    }


def test_user_data_may_be_bytes(cloud: FakeCloud, connection: Connection) -> None:
    asked = created(cloud, connection, image_id="image-1", user_data=b"\x1f\x8b\x00\xff")
    assert base64.b64decode(asked["user_data"]) == b"\x1f\x8b\x00\xff"


@pytest.mark.parametrize(
    ("volume", "device"),
    [
        (
            BootVolume(Source.IMAGE, "image-1", size_gb=20, delete_on_termination=True),
            {"source_type": "image", "uuid": "image-1", "volume_size": 20, "delete_on_termination": True},
        ),
        (
            BootVolume(Source.SNAPSHOT, "snapshot-1"),
            {"source_type": "snapshot", "uuid": "snapshot-1", "delete_on_termination": False},
        ),
        (
            BootVolume(Source.VOLUME, "volume-1", size_gb=20, volume_type="ssd"),
            {"source_type": "volume", "uuid": "volume-1", "delete_on_termination": False},
        ),
    ],
)
def test_a_server_boots_from_a_volume(
    cloud: FakeCloud, connection: Connection, volume: BootVolume, device: dict[str, Any]
) -> None:
    asked = created(cloud, connection, boot_volume=volume)
    assert "imageRef" not in asked
    assert asked["block_device_mapping_v2"] == [{"boot_index": 0, "destination_type": "volume", **device}]


def test_a_boot_volume_has_a_type_where_the_cloud_can(cloud: FakeCloud, connection: Connection) -> None:
    volume = BootVolume(Source.IMAGE, "image-1", size_gb=20, volume_type="ssd")
    if cloud.ocata:
        with pytest.raises(errors.Invalid, match="too old"):
            create(connection, boot_volume=volume)
        assert since_login(cloud) == []
    else:
        asked = created(cloud, connection, boot_volume=volume)
        assert asked["block_device_mapping_v2"][0]["volume_type"] == "ssd"


def test_an_image_is_made_and_marked_and_its_id_is_known(cloud: FakeCloud, connection: Connection) -> None:
    answer: dict[str, Any] = {"json": {"image_id": "image-9"}}
    if cloud.ocata:  # the id stands only in the image's address, on a host that is not to be asked
        answer = {"headers": {"Location": "http://glance.inside.test:9292/v2/images/image-9"}}
    cloud.mock.post(ACT, status_code=202, **answer)
    assert servers.create_image(connection, "server-1", "backup", MARKED) == "image-9"
    assert the_request(cloud).json() == {"createImage": {"name": "backup", "metadata": {MARK: MARKED}}}


@pytest.mark.parametrize("url", ["javascript:alert(1)", "", "//console.test/", "data:text/html,x"])
def test_a_console_is_an_address_that_a_browser_may_open(cloud: FakeCloud, connection: Connection, url: str) -> None:
    cloud.mock.post(f"{ONE}/remote-consoles", json={"remote_console": {"url": url}})
    with pytest.raises(errors.Garbled):
        servers.console_url(connection, "server-1", Console.NOVNC)


def told_action(number: int, **changes: Any) -> dict[str, Any]:
    """Return an action as the list tells it before 2.58."""
    return {
        "action": "reboot",
        "instance_uuid": "server-1",
        "request_id": f"req-{number}",
        "user_id": "user-1",
        "project_id": PROJECT,
        "start_time": "2026-10-13T08:00:00.000000",
        "message": None,
        **changes,
    }


def test_actions_are_read_to_the_end(cloud: FakeCloud, connection: Connection) -> None:
    url = f"{ONE}/os-instance-actions"
    if cloud.ocata:
        cloud.mock.get(url, json={"instanceActions": [told_action(2, message="Error"), told_action(1)]})
    else:
        following = [{"rel": "next", "href": "https://wrong.test/x?limit=1&marker=req-2"}]
        first = {"instanceActions": [told_action(2, message="Error", updated_at=None)], "links": following}
        second = {"instanceActions": [told_action(1, updated_at="2026-10-13T08:00:04.000000")]}
        cloud.mock.get(url, [{"json": first}, {"json": second}])
    late, early = servers.actions_of(connection, "server-1")
    assert [request.qs for request in since_login(cloud)] == (
        [{}] if cloud.ocata else [{"limit": ["500"]}, {"limit": ["1"], "marker": ["req-2"]}]
    )
    assert (late.external_id, late.action, late.failed) == ("req-2", "reboot", True)
    assert (early.external_id, early.failed, early.events) == ("req-1", False, [])
    assert early.started_at is not None
    assert early.started_at.isoformat() == "2026-10-13T08:00:00+00:00"
    assert (early.updated_at is None) == cloud.ocata


@pytest.mark.parametrize("result", ["Success", "Error", None])
def test_an_action_tells_its_events(cloud: FakeCloud, connection: Connection, result: str | None) -> None:
    event = {
        "event": "compute_reboot_instance",
        "start_time": "2026-10-13T08:00:01.000000",
        "finish_time": "2026-10-13T08:00:04.000000" if result else None,
        "result": result,
    }
    cloud.mock.get(f"{ONE}/os-instance-actions/req-1", json={"instanceAction": told_action(1, events=[event])})
    seen = servers.action_of(connection, "server-1", "req-1")
    assert the_request(cloud)
    assert isinstance(seen, Action)
    assert [(one.event, one.result) for one in seen.events] == [("compute_reboot_instance", result or "")]
    assert (seen.events[0].finished_at is None) == (result is None)
    assert seen.failed == (result == "Error")


def test_groups_are_set_if_the_port_is_as_it_was_seen(cloud: FakeCloud, connection: Connection) -> None:
    cloud.mock.put(
        f"{NEUTRON}/v2.0/ports/port-1", json={"port": port(1, security_groups=["b", "a"], revision_number=8)}
    )
    seen = servers.set_port_security_groups(connection, "port-1", ["a", "b"], revision=7)
    request = the_request(cloud)
    assert request.json() == {"port": {"security_groups": ["a", "b"]}}
    assert request.headers["If-Match"] == "revision_number=7"
    assert (set(seen.security_group_ids), seen.revision) == ({"a", "b"}, 8)


def test_a_port_that_was_changed_meanwhile_is_a_conflict(cloud: FakeCloud, connection: Connection) -> None:
    body = {"NeutronError": {"type": "RevisionNumberConstraintFailed", "message": "Constrained to 7, but is 8"}}
    cloud.mock.put(f"{NEUTRON}/v2.0/ports/port-1", status_code=412, json=body)
    with pytest.raises(errors.Conflict, match="has changed in the meantime") as caught:
        servers.set_port_security_groups(connection, "port-1", [], revision=7)
    assert caught.value.status == 412
    assert the_request(cloud).json() == {"port": {"security_groups": []}}


def test_without_revisions_groups_are_set_without_a_condition(cloud: FakeCloud, connection: Connection) -> None:
    cloud.mock.put(f"{NEUTRON}/v2.0/ports/port-1", json={"port": port(1)})
    servers.set_port_security_groups(connection, "port-1", ["group-1"], revision=None)
    assert "If-Match" not in the_request(cloud).headers


def test_no_secret_is_logged_at_any_level(
    cloud: FakeCloud, connection: Connection, caplog: pytest.LogCaptureFixture
) -> None:
    for logger in ("", "keystoneauth", "keystoneauth.session.body", "openstack", "urllib3", "requests"):
        caplog.set_level(logging.DEBUG, logger)
    user_data, password = "password: hunter2-in-user-data", "admin-pass-of-the-answer"
    encoded = base64.b64encode(user_data.encode()).decode()
    # Nova shows an admin the user data of a server.
    told = {**server(1), "OS-EXT-SRV-ATTR:user_data": encoded}
    cloud.mock.get(ONE, json={"server": told}, headers={"Content-Type": "application/json"})
    answer = {"server": {"id": "server-9", "adminPass": password}}
    cloud.mock.post(f"{NOVA}/servers", status_code=202, json=answer, headers={"Content-Type": "application/json"})
    body = {"remote_console": {"url": CONSOLE}}
    cloud.mock.post(f"{ONE}/remote-consoles", json=body, headers={"Content-Type": "application/json"})
    assert isinstance(servers.get(connection, "server-1"), Server)
    create(connection, image_id="image-1", user_data=user_data)
    connection.sdk.compute.create_server(name="by the SDK itself", user_data=encoded, networks="none")
    servers.console_url(connection, "server-1", Console.NOVNC)
    assert f"-X GET {ONE}" in caplog.text  # the log is there
    for secret in (user_data, encoded, password, CONSOLE, "f2a7c1-secret", SCOPED_TOKEN):
        assert secret not in caplog.text


def test_no_secret_is_in_an_error(cloud: FakeCloud, connection: Connection) -> None:
    cloud.mock.post(f"{NOVA}/servers", exc=requests.exceptions.ConnectionError("secret-word in a message"))
    with pytest.raises(errors.Unreachable) as caught:
        create(connection, image_id="image-1", user_data="secret-word")
    told = f"{caught.value!r} {vars(caught.value)} {caught.value.__cause__}"
    assert "secret-word" not in told
