"""Changes of networks, routers and floating IPs: each in exactly one effect, wherever the worker dies."""

from collections.abc import Callable
from typing import Any

import pytest
import requests_mock

from portal.ui.commands import line
from projects.access import Visit
from projects.actions import ACTIONS
from projects.models import Operation
from projects.pages.command import commands_of
from services.compute.models import Server
from services.network.models import FloatingIP, Network, Port, Router, Subnet
from tests.unit.clouds_fake import FakeCloud
from tests.unit.clouds_l3 import L3, PUBLIC
from tests.unit.deaths import at_each_change
from tests.unit.l3_cast import APP, emptied, go, inside, member_of, reachable, read, routed, taken_over
from tests.unit.running import ask

pytestmark = pytest.mark.django_db

State = Operation.State


@pytest.fixture
def l3(requests_mock: requests_mock.Mocker) -> L3:
    return L3(FakeCloud(requests_mock))


@pytest.fixture
def visit(l3: L3) -> Visit:
    return member_of(l3)


@pytest.fixture
def seen(l3: L3, visit: Visit) -> L3:
    """198.51.100.5 leads to server-1, 198.51.100.6 nowhere; app-net has the router edge. All of it was read."""
    reachable(l3)
    read(visit)
    return l3


# What can be asked for: the action, its params, what is there before, and what has to be true of the cloud afterwards.
Case = tuple[str, dict[str, Any], Callable[[L3], object], Callable[[L3], object]]


CASES: dict[str, Case] = {
    "network": (
        "create-network",
        APP,
        lambda _l3: None,
        lambda l3: (
            [one["description"] for one in l3.named("networks", "shop")] == ["The shop"]
            and [one["description"] for one in l3.named("subnets", "shop")] == [""]
        ),
    ),
    "network with a new router": (
        "create-network",
        APP | {"external_network_id": PUBLIC},
        lambda _l3: None,
        lambda l3: (
            len(l3.named("networks", "shop")) == len(l3.named("routers", "shop-router")) == 1
            and l3.did("PUT /routers/router-made-3/add_router_interface") == 1
            and l3.row("routers", "router-made-3")["description"] == ""
        ),
    ),
    "network at a router": (
        "create-network",
        APP | {"router_id": "edge"},
        routed,
        lambda l3: len(l3.named("networks", "shop")) == 1 and len(l3.cloud.routers) == 1 and inside(l3, "edge") == 2,
    ),
    "subnet": (
        "create-subnet",
        {"network_id": "network-1", "name": "more", "cidr": "10.0.8.0/24"},
        lambda _l3: None,
        lambda l3: len(l3.named("subnets", "more")) == 1 and l3.named("subnets", "more")[0]["description"] == "",
    ),
    "router": (
        "create-router",
        {"name": "edge", "external_network_id": PUBLIC, "subnet_ids": ["subnet-1"]},
        lambda _l3: None,
        lambda l3: len(l3.named("routers", "edge")) == 1 and inside(l3, l3.named("routers", "edge")[0]["id"]) == 1,
    ),
    "gateway": (
        "set-router-gateway",
        {"router_id": "inner", "external_network_id": PUBLIC},
        lambda l3: l3.has_router("inner", outside=""),
        lambda l3: l3.row("routers", "inner")["external_gateway_info"]["network_id"] == PUBLIC,
    ),
    "no gateway": (
        "clear-router-gateway",
        {"router_id": "edge"},
        routed,
        lambda l3: l3.row("routers", "edge")["external_gateway_info"] is None,
    ),
    "interface": (
        "connect-subnet",
        {"router_id": "edge", "subnet_id": "subnet-1"},
        lambda l3: l3.has_router("edge"),
        lambda l3: inside(l3, "edge") == 1,
    ),
    "no interface": (
        "disconnect-subnet",
        {"router_id": "edge", "subnet_id": "subnet-1"},
        routed,
        lambda l3: inside(l3, "edge") == 0,
    ),
    "router goes": ("delete-router", {"router_id": "edge"}, routed, lambda l3: l3.cloud.routers == []),
    "network goes": (
        "delete-network",
        {"network_id": "network-1"},
        emptied,
        lambda l3: not l3.named("networks", "app-net") and not l3.cloud.subnets and len(l3.cloud.routers) == 1,
    ),
    "subnet goes": (
        "delete-subnet",
        {"subnet_id": "subnet-1"},
        emptied,
        lambda l3: not l3.cloud.subnets and l3.named("networks", "app-net"),
    ),
    "new name": (
        "edit-network",
        {"network_id": "network-1", "name": "shop-net", "description": "Ours", "was_name": "app-net"},
        lambda _l3: None,
        lambda l3: l3.row("networks", "network-1")["name"] == "shop-net",
    ),
    "address": (
        "allocate-floating-ip",
        {"network_id": PUBLIC, "description": "for mail"},
        lambda _l3: None,
        lambda l3: [one["description"] for one in l3.cloud.floating_ips] == ["for mail"],
    ),
    "address for a server": (
        "allocate-floating-ip",
        {"network_id": PUBLIC, "server_id": "server-1"},
        routed,
        lambda l3: [one["port_id"] for one in l3.cloud.floating_ips] == ["port-1"],
    ),
    "led there": (
        "associate-floating-ip",
        {"floating_ip_id": "floating-6", "server_id": "server-2", "was_port_id": ""},
        reachable,
        lambda l3: l3.row("floatingips", "floating-6")["port_id"] == "port-2",
    ),
    "led elsewhere": (
        "associate-floating-ip",
        {"floating_ip_id": "floating-5", "server_id": "server-2", "was_port_id": "port-1"},
        reachable,
        lambda l3: l3.row("floatingips", "floating-5")["port_id"] == "port-2",
    ),
    "led nowhere": (
        "disassociate-floating-ip",
        {"floating_ip_id": "floating-5"},
        reachable,
        lambda l3: l3.row("floatingips", "floating-5")["port_id"] is None,
    ),
    "released": (
        "release-floating-ip",
        {"floating_ip_id": "floating-5"},
        reachable,
        lambda l3: [one["id"] for one in l3.cloud.floating_ips] == ["floating-6"],
    ),
    "whole way": (
        "connect-server",
        {"server_id": "server-1"},
        lambda _l3: None,
        lambda l3: (
            len(l3.cloud.routers) == len(l3.cloud.floating_ips) == 1
            and inside(l3, l3.cloud.routers[0]["id"]) == 1
            and l3.cloud.floating_ips[0]["port_id"] == "port-1"
            and (l3.cloud.routers[0]["description"], l3.cloud.floating_ips[0]["description"]) == ("", "")
        ),
    ),
    "last piece": (
        "connect-server",
        {"server_id": "server-2"},
        reachable,
        lambda l3: len(l3.cloud.floating_ips) == 2 and l3.row("floatingips", "floating-6")["port_id"] == "port-2",
    ),
    "way by another router": (
        "connect-server",
        {"server_id": "server-1", "floating_ip_id": "new"},
        lambda l3: (l3.has_router("edge"), l3.has_floating_ip(6)),
        lambda l3: len(l3.cloud.routers) == 1 and inside(l3, "edge") == 1 and len(l3.cloud.floating_ips) == 2,
    ),
    "only the gateway": (
        "connect-server",
        {"server_id": "server-1"},
        lambda l3: l3.has_router("inner", "subnet-1", outside=""),
        lambda l3: len(l3.cloud.routers) == 1 and l3.cloud.floating_ips[0]["port_id"] == "port-1",
    ),
}


def begin(l3: L3, visit: Visit, case: str) -> Operation:
    """Return the person asks for it, with what has to be there read before."""
    name, params, before, _after = CASES[case]
    before(l3)
    read(visit)
    return ask(visit, name, **params)


def matches(visit: Visit) -> None:
    """Return the inventory says what the cloud says, without having been read again."""
    models = (Network, Subnet, Router, Port, FloatingIP, Server)
    skip = {"changed_at", "first_seen_at", "id", "tenant_id"}

    def seen() -> dict[str, list[Any]]:
        return {
            model.__name__: [
                {key: value for key, value in row.items() if key not in skip}
                for row in model.objects.filter(tenant=visit.tenant).order_by("external_id").values()
            ]
            for model in models
        }

    before = seen()
    read(visit)
    assert before == seen()


@pytest.mark.parametrize("case", CASES)
def test_it_is_done_once_and_shown_at_once(l3: L3, visit: Visit, case: str) -> None:
    operation = go(begin(l3, visit, case))
    assert operation.state == State.DONE, (operation.reason, operation.detail)
    assert CASES[case][3](l3)
    assert operation.accepted_at is not None
    action = ACTIONS[operation.action]
    steps = action.steps(action.params.model_validate(operation.params), operation.names)
    assert [step["key"] for step in operation.steps] == [step.key for step in steps]
    assert all(step["ended"] for step in operation.steps)
    matches(visit)


@pytest.mark.parametrize("case", CASES)
def test_wherever_the_worker_dies_there_is_one_effect(l3: L3, visit: Visit, case: str) -> None:
    operation = begin(l3, visit, case)

    def judge(operation: Operation) -> None:
        assert operation.state == State.DONE, (operation.reason, operation.detail)
        assert CASES[case][3](l3)
        # A request that the cloud has done is not made again, though its answer was never read.
        created = [one for one in l3.changes if one.startswith("POST")]
        assert len(created) == len(set(created)), created

    with at_each_change(l3, lambda: judge(go(taken_over(operation)))) as deaths:
        go(operation)
    judge(operation)
    assert len(deaths) >= 2 * len(l3.changes) > 0


def test_a_router_that_a_floating_ip_leads_through_by_now_stays(l3: L3, visit: Visit) -> None:
    routed(l3)
    read(visit)
    asked = [
        ask(visit, "clear-router-gateway", router_id="edge"),
        ask(visit, "disconnect-subnet", router_id="edge", subnet_id="subnet-1"),
        ask(visit, "delete-router", router_id="edge"),
    ]
    l3.has_floating_ip(5, "port-1")
    for operation in asked:
        assert go(operation).state == State.FAILED
        assert operation.attempts == 1  # nothing that waiting would help against
        assert "A floating IP uses the router by now" in operation.reason
    assert inside(l3, "edge") == 1


@pytest.mark.parametrize(
    ("name", "params", "lines"),
    [
        (
            "create-network",
            APP | {"external_network_id": PUBLIC, "gateway": "10.0.7.9", "dhcp": False},
            [
                "network create --description='The shop' shop",
                "subnet create --network=shop --subnet-range=10.0.7.0/24 --gateway=10.0.7.9 --no-dhcp "
                "--dns-nameserver=192.0.2.53 shop",
                "router create --external-gateway=public shop-router",
                "router add subnet shop-router shop",
            ],
        ),
        (
            "create-subnet",
            {"network_id": "network-1", "cidr": "fd00:7::/64", "name": "six"},
            [
                "subnet create --network=app-net --subnet-range=fd00:7::/64 --ip-version=6 --ipv6-ra-mode=slaac "
                "--ipv6-address-mode=slaac six"
            ],
        ),
        (
            "create-router",
            {"name": "edge", "external_network_id": PUBLIC, "subnet_ids": ["subnet-1"]},
            ["router create --external-gateway=public edge", "router add subnet edge app"],
        ),
        (
            "associate-floating-ip",
            {"floating_ip_id": "floating-6", "server_id": "server-2"},
            ["server add floating ip web-02 198.51.100.6"],
        ),
        (
            "disassociate-floating-ip",
            {"floating_ip_id": "floating-5"},
            ["floating ip unset --port 198.51.100.5"],
        ),
    ],
)
def test_the_same_by_the_command_line(
    seen: L3, visit: Visit, name: str, params: dict[str, Any], lines: list[str]
) -> None:
    action = ACTIONS[name]
    wanted = action.params.model_validate(params)
    assert [line((), command) for command in commands_of(visit.tenant, action, wanted)] == lines
