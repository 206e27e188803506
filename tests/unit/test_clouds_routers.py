"""What can be done with routers and floating IPs: the request that each change makes, and what comes of it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests_mock

from clouds import errors
from clouds.openstack import floating_ips, routers
from clouds.openstack.inventory.network import FloatingIP, Router
from clouds.openstack.session import Connection
from tests.unit.clouds_changes import (
    LOGIN_PAGE,
    OP,
    V2,
    Change,
    check_faults,
    check_marked,
    check_missing_service,
    check_no_answers,
    check_request,
    since_login,
    without,
)
from tests.unit.clouds_fake import PROJECT, FakeCloud, port

# The SDK warns about its own plans whenever it is started.
pytestmark = pytest.mark.filterwarnings("ignore::openstack.warnings.RemovedInSDK50Warning")

CREATED = {"status_code": 201}
GONE = {"status_code": 204}


def router(number: int, **changes: Any) -> dict[str, Any]:
    """Return a router as Neutron tells it."""
    return {
        "id": f"router-{number}",
        "name": "router",
        "description": "",
        "status": "ACTIVE",
        "external_gateway_info": {
            "network_id": "outside",
            "external_fixed_ips": [{"subnet_id": "s", "ip_address": "198.51.100.5"}],
        },
        **changes,
    }


def address(number: int, **changes: Any) -> dict[str, Any]:
    """Return a floating IP as Neutron tells it."""
    return {
        "id": f"floating-{number}",
        "floating_ip_address": f"198.51.100.{number}",
        "floating_network_id": "outside",
        "description": "",
        "status": "DOWN",
        "port_id": None,
        "fixed_ip_address": None,
        "router_id": None,
        **changes,
    }


def interface(**changes: Any) -> dict[str, Any]:
    """Return what Neutron answers to a router's new or removed interface."""
    return {"id": "router-1", "tenant_id": PROJECT, "port_id": "port-9", "subnet_id": "subnet-1", **changes}


ROUTER, ADDRESS = f"{V2}/routers/router-1", f"{V2}/floatingips/floating-1"

CHANGES = {
    "get a router": Change(
        lambda c: routers.get(c, "router-1"),
        "GET",
        ROUTER,
        None,
        {"json": {"router": router(1)}},
        Router.model_validate(router(1)),
        no_answers=without("router"),
    ),
    "create a router": Change(
        lambda c: routers.create(c, name="router", mark=OP),
        "POST",
        f"{V2}/routers",
        {"router": {"name": "router", "description": OP}},
        {**CREATED, "json": {"router": router(9)}},
        "router-9",
        no_answers=without("router"),
    ),
    "create a router with its gateway": Change(
        lambda c: routers.create(c, name="router", external_network_id="outside", mark=OP),
        "POST",
        f"{V2}/routers",
        {"router": {"name": "router", "description": OP, "external_gateway_info": {"network_id": "outside"}}},
        {**CREATED, "json": {"router": router(9)}},
        "router-9",
    ),
    "update a router": Change(
        lambda c: routers.update(c, "router-1", description="ours"),
        "PUT",
        ROUTER,
        {"router": {"description": "ours"}},
        {"json": {"router": router(1, description="ours")}},
        Router.model_validate(router(1, description="ours")),
        no_answers=without("router"),
    ),
    "set a gateway": Change(
        lambda c: routers.set_gateway(c, "router-1", "outside").external_network_id,
        "PUT",
        ROUTER,
        {"router": {"external_gateway_info": {"network_id": "outside"}}},
        {"json": {"router": router(1)}},
        "outside",
        no_answers=without("router"),
    ),
    "clear a gateway": Change(
        lambda c: routers.clear_gateway(c, "router-1").external_network_id,
        "PUT",
        ROUTER,
        {"router": {"external_gateway_info": {}}},
        {"json": {"router": router(1, external_gateway_info=None)}},
        "",
        no_answers=without("router"),
    ),
    "add an interface": Change(
        lambda c: routers.add_interface(c, "router-1", "subnet-1"),
        "PUT",
        f"{ROUTER}/add_router_interface",
        {"subnet_id": "subnet-1"},
        {"json": interface()},
        "port-9",
        no_answers=(LOGIN_PAGE, "", "[]", "{}", '{"port_id": null}'),
    ),
    "remove an interface": Change(
        lambda c: routers.remove_interface(c, "router-1", "subnet-1"),
        "PUT",
        f"{ROUTER}/remove_router_interface",
        {"subnet_id": "subnet-1"},
        {"json": interface()},
        None,
        no_answers=(LOGIN_PAGE, "", "[]", "{}"),
    ),
    "delete a router": Change(lambda c: routers.delete(c, "router-1"), "DELETE", ROUTER, None, GONE, None),
    "get a floating IP": Change(
        lambda c: floating_ips.get(c, "floating-1"),
        "GET",
        ADDRESS,
        None,
        {"json": {"floatingip": address(1)}},
        FloatingIP.model_validate(address(1)),
        no_answers=without("floatingip"),
    ),
    "allocate": Change(
        lambda c: floating_ips.allocate(c, network_id="outside", mark=OP),
        "POST",
        f"{V2}/floatingips",
        {"floatingip": {"floating_network_id": "outside", "description": OP}},
        {**CREATED, "json": {"floatingip": address(9)}},
        "floating-9",
        no_answers=without("floatingip"),
    ),
    "describe": Change(
        lambda c: floating_ips.update(c, "floating-1", description="web").description,
        "PUT",
        ADDRESS,
        {"floatingip": {"description": "web"}},
        {"json": {"floatingip": address(1, description="web")}},
        "web",
        no_answers=without("floatingip"),
    ),
    "associate": Change(
        lambda c: floating_ips.associate(c, "floating-1", port_id="port-1"),
        "PUT",
        ADDRESS,
        {"floatingip": {"port_id": "port-1"}},
        {"json": {"floatingip": address(1, port_id="port-1", fixed_ip_address="10.0.4.1")}},
        FloatingIP.model_validate(address(1, port_id="port-1", fixed_ip_address="10.0.4.1")),
        no_answers=without("floatingip"),
    ),
    "associate with one address of several": Change(
        lambda c: floating_ips.associate(c, "floating-1", port_id="port-1", fixed_address="10.0.4.2").port_id,
        "PUT",
        ADDRESS,
        {"floatingip": {"port_id": "port-1", "fixed_ip_address": "10.0.4.2"}},
        {"json": {"floatingip": address(1, port_id="port-1")}},
        "port-1",
    ),
    "associate as it was when it was looked at": Change(
        lambda c: floating_ips.associate(c, "floating-1", port_id="port-1", revision=7).port_id,
        "PUT",
        ADDRESS,
        {"floatingip": {"port_id": "port-1"}},
        {"json": {"floatingip": address(1, port_id="port-1")}},
        "port-1",
        headers={"If-Match": "revision_number=7"},
    ),
    "disassociate as it was when it was looked at": Change(
        lambda c: floating_ips.disassociate(c, "floating-1", revision=0).port_id,
        "PUT",
        ADDRESS,
        {"floatingip": {"port_id": None}},
        {"json": {"floatingip": address(1)}},
        "",
        headers={"If-Match": "revision_number=0"},
    ),
    "disassociate": Change(
        lambda c: floating_ips.disassociate(c, "floating-1"),
        "PUT",
        ADDRESS,
        {"floatingip": {"port_id": None}},
        {"json": {"floatingip": address(1)}},
        FloatingIP.model_validate(address(1)),
        no_answers=without("floatingip"),
    ),
    "release": Change(lambda c: floating_ips.release(c, "floating-1"), "DELETE", ADDRESS, None, GONE, None),
}
TELLING = {name: change for name, change in CHANGES.items() if change.no_answers}


@pytest.fixture
def cloud(requests_mock: requests_mock.Mocker) -> FakeCloud:
    return FakeCloud(requests_mock)


@pytest.fixture
def connection(cloud: FakeCloud) -> Iterator[Connection]:
    with cloud.connection() as connection:
        yield connection


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_is_one_request(cloud: FakeCloud, change: Change) -> None:
    check_request(cloud, change)


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_fault_is_its_error(cloud: FakeCloud, change: Change) -> None:
    check_faults(cloud, change)


@pytest.mark.parametrize("change", TELLING.values(), ids=TELLING)
def test_what_is_no_answer_is_garbled(cloud: FakeCloud, change: Change) -> None:
    check_no_answers(cloud, change)


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_cloud_without_networks_is_not_asked(cloud: FakeCloud, change: Change) -> None:
    check_missing_service(cloud, change)


@pytest.mark.parametrize(
    ("collection", "row", "find"),
    [
        ("routers", router, routers.find_marked),
        ("floatingips", address, floating_ips.find_marked),
    ],
)
def test_what_is_marked_is_found_on_every_page_and_nothing_else(
    cloud: FakeCloud, collection: str, row: Callable[..., dict[str, Any]], find: Callable[[Connection, str], list[Any]]
) -> None:
    check_marked(cloud, collection, row, find)


def test_a_routers_ports_are_its_own_only(cloud: FakeCloud, connection: Connection) -> None:
    # This cloud ignores the filter; and anybody may write any id into a port.
    cloud.ports = [
        port(1),
        port(2, device_id="router-1", device_owner="network:router_interface"),
        port(3, device_id="router-1", device_owner=""),
        port(4, device_id="router-2", device_owner="network:router_interface"),
        port(5, device_id="router-1", device_owner="network:router_interface_distributed"),
    ]
    assert [one.external_id for one in routers.ports_of(connection, "router-1")] == ["port-2", "port-5"]
    (request,) = since_login(cloud)
    assert request.qs["device_id"] == ["router-1"]


@pytest.mark.parametrize(
    ("method", "url", "status", "kind", "message", "call", "error", "reason"),
    [
        (
            "PUT",
            ADDRESS,
            404,
            "ExternalGatewayForFloatingIPNotFound",
            "External network outside is not reachable from subnet subnet-1.",
            lambda c: floating_ips.associate(c, "floating-1", port_id="port-1"),
            errors.Conflict,
            "Network refused: no router leads from the port's subnet to the floating IP's network.",
        ),
        (
            "PUT",
            ADDRESS,
            404,
            "PortNotFound",
            "Port port-1 could not be found.",
            lambda c: floating_ips.associate(c, "floating-1", port_id="port-1"),
            errors.NotFound,
            "Network found no such resource (404).",
        ),
        (
            "PUT",
            f"{ROUTER}/add_router_interface",
            400,
            "BadRequest",
            "Bad router request: Router already has a port on subnet subnet-1.",
            lambda c: routers.add_interface(c, "router-1", "subnet-1"),
            errors.Conflict,
            "Network refused: the router is already connected to that subnet.",
        ),
        (
            "PUT",
            f"{ROUTER}/add_router_interface",
            400,
            "BadRequest",
            "Bad router request: Subnet for router interface must have a gateway IP.",
            lambda c: routers.add_interface(c, "router-1", "subnet-1"),
            errors.Invalid,
            "Network rejected the request as invalid (400).",
        ),
        (
            "POST",
            f"{V2}/floatingips",
            409,
            "OverQuota",
            "Quota exceeded for resources: ['floatingip'].",
            lambda c: floating_ips.allocate(c, network_id="outside", mark=OP),
            errors.QuotaExceeded,
            "Network refused: the project's quota is exceeded.",
        ),
        (
            "POST",
            f"{V2}/floatingips",
            409,
            "IpAddressGenerationFailure",
            "No more IP addresses available on network outside.",
            lambda c: floating_ips.allocate(c, network_id="outside", mark=OP),
            errors.Conflict,
            "Network refused: not possible in the current state (409).",
        ),
    ],
)
def test_a_refusal_says_what_it_is(
    cloud: FakeCloud,
    connection: Connection,
    method: str,
    url: str,
    status: int,
    kind: str,
    message: str,
    call: Callable[[Connection], Any],
    error: type[errors.CloudError],
    reason: str,
) -> None:
    answer = {"NeutronError": {"type": kind, "message": message, "detail": ""}}
    cloud.mock.register_uri(
        method, url, status_code=status, json=answer, headers={"x-openstack-request-id": "req-cloud"}
    )
    with pytest.raises(errors.CloudError) as caught:
        call(connection)
    assert type(caught.value) is error
    assert caught.value.reason == reason
    assert (caught.value.status, caught.value.request_id, caught.value.url) == (status, "req-cloud", url)
    assert caught.value.detail == f"{kind}: {message}"
