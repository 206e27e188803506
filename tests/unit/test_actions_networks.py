"""Changes of networks, routers and floating IPs: each in exactly one effect, and refused early in words."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import requests_mock
from django.utils import timezone

from projects.access import Visit
from projects.actions import ACTIONS, addressing
from projects.models import (
    FloatingIP,
    Limit,
    Measure,
    Network,
    Operation,
    Port,
    Role,
    Router,
    Server,
    Subnet,
    Tenant,
)
from projects.operations import asking, claims, run
from projects.refresh import claims as refresh_claims
from projects.refresh import run as refreshing
from tests.unit import projects_fixtures as rows
from tests.unit.clouds_fake import PROJECT, FakeCloud, port
from tests.unit.clouds_l3 import L3, PUBLIC
from tests.unit.nova_fake import Killed
from tests.unit.running import ask, done, refusals, undo

pytestmark = pytest.mark.django_db

State = Operation.State
APP: dict[str, Any] = {"name": "shop", "description": "The shop", "cidr": "10.0.7.0/24", "dns_servers": ["192.0.2.53"]}


@pytest.fixture
def l3(requests_mock: requests_mock.Mocker) -> L3:
    return L3(FakeCloud(requests_mock))


@pytest.fixture
def visit(l3: L3) -> Visit:
    tenant = rows.make_tenant(rows.make_location(cloud=l3.cloud))
    user = rows.make_user()
    rows.make_member(user, tenant)
    rows.make_grant(user)
    return Visit(user, tenant, Role.MEMBER)


@pytest.fixture
def tenant(visit: Visit) -> Tenant:
    return visit.tenant


def read(visit: Visit) -> None:
    """A refresh, as pages ask for it: the preflight looks into the inventory."""
    # What an operation has asked for at its end is not waited for; routers are read too, as they are now and then.
    Tenant.objects.update(refresh_started_at=None, slow_as_of=None)
    claim = refresh_claims.take(visit.tenant.pk, older_than=timedelta(0))
    assert claim is not None
    refreshing.refresh(visit.tenant.pk, visit.user.grants.get().pk, claim)


def go(operation: Operation, turns: int = 30) -> Operation:
    """What workers do. A worker that dies is followed by another when its claim has ended."""
    for _ in range(turns):
        Operation.objects.filter(pk=operation.pk).update(next_at=timezone.now())
        try:
            if run.turn(operation.pk) is None:
                break
        except Killed:
            later(operation, claims.LEASE.total_seconds() + 1)
    operation.refresh_from_db()
    return operation


def later(operation: Operation, seconds: float) -> None:
    """Time passes for what was sent, and for the claim."""
    operation.refresh_from_db()
    ago = timedelta(seconds=seconds)
    memory = {
        key: (datetime.fromisoformat(value) - ago).isoformat() if key.endswith("_sent_at") and value else value
        for key, value in operation.memory.items()
    }
    claimed_at = operation.claimed_at - ago if operation.claimed_at else None
    Operation.objects.filter(pk=operation.pk).update(memory=memory, claimed_at=claimed_at)


def addresses(server_id: str = "server-1") -> list[tuple[str, str]]:
    """What the server's page shows of its addresses."""
    return [(one["type"], one["address"]) for one in Server.objects.get(external_id=server_id).addresses]


# What can be asked for: the action, its params, what is there before, and what has to be true of the cloud afterwards.
Case = tuple[str, dict[str, Any], Callable[[L3], object], Callable[[L3], object]]


def routed(l3: L3) -> None:
    """app-net has a router that leads outside."""
    l3.has_router("edge", "subnet-1")


def emptied(l3: L3) -> None:
    """app-net has a router and no server."""
    routed(l3)
    l3.cloud.ports[:] = [one for one in l3.cloud.ports if one["device_owner"].startswith("network:")]


def reachable(l3: L3) -> None:
    """198.51.100.5 leads to server-1, 198.51.100.6 nowhere."""
    routed(l3)
    l3.has_floating_ip(5, "port-1")
    l3.has_floating_ip(6)


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


def inside(l3: L3, router_id: str) -> int:
    """How many interfaces the router has."""
    return sum(one["device_id"] == router_id for one in l3.cloud.ports)


def begin(l3: L3, visit: Visit, case: str) -> Operation:
    """The person asks for it, with what has to be there read before."""
    name, params, before, _after = CASES[case]
    before(l3)
    read(visit)
    return ask(visit, name, **params)


def matches(visit: Visit) -> None:
    """The inventory says what the cloud says, without having been read again."""
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


@pytest.mark.parametrize("when", ["before", "after", "next"])
@pytest.mark.parametrize("case", CASES)
def test_wherever_the_worker_dies_there_is_one_effect(
    requests_mock: requests_mock.Mocker, visit: Visit, case: str, when: str
) -> None:
    for number in range(1, 30):
        l3 = L3(FakeCloud(requests_mock))
        operation = begin(l3, visit, case)
        l3.kill(number, when)
        go(operation)
        assert operation.state == State.DONE, (number, operation.reason, operation.detail)
        assert CASES[case][3](l3), number
        # A request that the cloud has done is not made again, though its answer was never read.
        created = [one for one in l3.changes if one.startswith("POST")]
        assert len(created) == len(set(created)), created
        if not l3.died:
            assert number > 1 or when == "next"  # nothing may come next
            return
    pytest.fail("it never came to an end")


@pytest.fixture
def seen(l3: L3, visit: Visit) -> L3:
    """198.51.100.5 leads to server-1, 198.51.100.6 nowhere; app-net has the router edge. All of it was read."""
    reachable(l3)
    read(visit)
    return l3


def test_the_servers_page_shows_a_floating_ip_when_the_operation_is_done(seen: L3, visit: Visit) -> None:
    assert addresses("server-2") == [("fixed", "10.0.4.2")]
    operation = done(visit, "associate-floating-ip", floating_ip_id="floating-6", server_id="server-2")
    assert addresses("server-2") == [("fixed", "10.0.4.2"), ("floating", "198.51.100.6")]
    assert FloatingIP.objects.get(address="198.51.100.6").server_id == "server-2"
    assert set(operation.targets.values_list("kind", flat=True)) == {"floatingip", "server"}
    done(visit, "disassociate-floating-ip", floating_ip_id="floating-5")
    assert addresses("server-1") == [("fixed", "10.0.4.1")]
    done(visit, "release-floating-ip", floating_ip_id="floating-6")
    assert addresses("server-2") == [("fixed", "10.0.4.2")]


def test_leading_to_a_server_is_undone_with_one_click(seen: L3, visit: Visit) -> None:
    operation = done(visit, "associate-floating-ip", floating_ip_id="floating-6", server_id="server-2")
    assert undo(visit, operation).state == State.DONE
    assert seen.row("floatingips", "floating-6")["port_id"] is None
    moved = done(visit, "associate-floating-ip", floating_ip_id="floating-5", server_id="server-2")
    assert undo(visit, moved).state == State.DONE
    assert seen.row("floatingips", "floating-5")["port_id"] == "port-1"


def test_leading_nowhere_is_undone_with_one_click(seen: L3, visit: Visit) -> None:
    operation = done(visit, "disassociate-floating-ip", floating_ip_id="floating-5")
    assert addresses() == [("fixed", "10.0.4.1")]
    assert undo(visit, operation).state == State.DONE
    assert addresses() == [("fixed", "10.0.4.1"), ("floating", "198.51.100.5")]
    assert operation.targets.filter(kind="server", external_id="server-1").exists()


def test_a_connected_server_is_disconnected_with_one_click_and_keeps_the_rest(l3: L3, visit: Visit) -> None:
    read(visit)
    operation = done(visit, "connect-server", server_id="server-1")
    assert addresses()[1][0] == "floating"
    assert undo(visit, operation).state == State.DONE
    assert addresses() == [("fixed", "10.0.4.1")]
    assert (len(l3.cloud.floating_ips), len(l3.cloud.routers), inside(l3, l3.cloud.routers[0]["id"])) == (1, 1, 1)


def test_a_way_outside_is_undone_with_one_click(seen: L3, visit: Visit) -> None:
    seen.has_router("inner", outside="")
    read(visit)
    operation = done(visit, "set-router-gateway", router_id="inner", external_network_id=PUBLIC)
    assert operation.note == "Its address outside is 198.51.100.6."
    assert undo(visit, operation).state == State.DONE
    assert Router.objects.get(external_id="inner").external_network_id == ""
    closed = done(visit, "set-router-gateway", router_id="inner", external_network_id=PUBLIC)
    operation = done(visit, "clear-router-gateway", router_id="inner")
    assert closed.pk != operation.pk
    assert undo(visit, operation).state == State.DONE
    assert Router.objects.get(external_id="inner").external_network_id == PUBLIC


def test_connecting_a_subnet_is_undone_with_one_click(l3: L3, visit: Visit) -> None:
    l3.has_router("edge")
    read(visit)
    operation = done(visit, "connect-subnet", router_id="edge", subnet_id="subnet-1")
    back = undo(visit, operation)
    assert inside(l3, "edge") == 0
    assert undo(visit, back).state == State.DONE
    assert inside(l3, "edge") == 1


def test_renaming_a_network_is_undone_with_one_click_and_overwrites_nobody(l3: L3, visit: Visit) -> None:
    read(visit)
    was = {"was_name": "app-net", "was_description": ""}
    operation = done(visit, "edit-network", network_id="network-1", name="shop-net", description="Ours", **was)
    late = ask(visit, "edit-network", network_id="network-1", name="other-net", was_name="shop-net")
    l3.row("networks", "network-1")["name"] = "theirs"
    assert go(late).code == "changed_meanwhile"
    assert "its name is now “theirs”" in late.reason
    l3.row("networks", "network-1")["name"] = "shop-net"
    read(visit)
    assert undo(visit, operation).state == State.DONE
    assert Network.objects.get(external_id="network-1").name == "app-net"


def test_who_looked_before_somebody_else_led_it_elsewhere_changes_nothing(seen: L3, visit: Visit) -> None:
    target = {"floating_ip_id": "floating-6", "server_id": "server-2", "was_port_id": ""}
    operation = ask(visit, "associate-floating-ip", **target)
    seen.cloud.ports.append(port(3, device_id="server-3"))
    seen._led(seen.row("floatingips", "floating-6"), "port-3", None)
    assert go(operation).code == "changed_meanwhile"
    assert seen.row("floatingips", "floating-6")["port_id"] == "port-3"
    read(visit)
    assert refusals(visit, "associate-floating-ip", **target)[0][0] == "floating_ip_id"
    assert "Somebody has changed meanwhile" in refusals(visit, "associate-floating-ip", **target)[0][1]


def test_who_is_overtaken_between_look_and_change_sees_it_and_changes_nothing(seen: L3, visit: Visit) -> None:
    seen.cloud.ports.append(port(3, device_id="server-3"))

    def faster(change: str) -> None:
        seen.before = lambda _change: None
        row = seen.row("floatingips", "floating-6")
        seen._led(row, "port-3", None)
        row["revision_number"] += 1

    seen.before = faster
    params = {"floating_ip_id": "floating-6", "server_id": "server-2", "was_port_id": ""}
    assert go(ask(visit, "associate-floating-ip", **params)).code == "changed_meanwhile"
    assert seen.row("floatingips", "floating-6")["port_id"] == "port-3"


def test_who_connects_a_server_takes_another_address_when_the_free_one_is_taken(seen: L3, visit: Visit) -> None:
    seen.cloud.ports.append(port(3, device_id="server-3"))

    def faster(change: str) -> None:
        seen.before = lambda _change: None
        row = seen.row("floatingips", "floating-6")
        seen._led(row, "port-3", None)
        row["revision_number"] += 1

    seen.before = faster
    operation = go(ask(visit, "connect-server", server_id="server-2"))
    assert operation.state == State.DONE
    assert seen.row("floatingips", "floating-6")["port_id"] == "port-3"
    assert [one["port_id"] for one in seen.cloud.floating_ips] == ["port-1", "port-3", "port-2"]


def test_two_servers_connected_at_once_get_an_address_each(seen: L3, visit: Visit) -> None:
    """Both would take the free one: who comes second sees that it is chosen."""
    seen.cloud.servers.append(seen.cloud.servers[1] | {"id": "server-3", "name": "web-03"})
    seen.cloud.ports.append(port(3, device_id="server-3"))
    read(visit)
    first = ask(visit, "connect-server", server_id="server-2")
    second = ask(visit, "connect-server", server_id="server-3")

    def between(change: str) -> None:
        seen.before = lambda _change: None
        assert go(second).state == State.DONE

    seen.before = between
    assert go(first).state == State.DONE
    assert [one["port_id"] for one in seen.cloud.floating_ips] == ["port-1", "port-2", "port-3"]


@pytest.mark.parametrize("change", ["POST /routers", "PUT /routers/router-made-1/add_router_interface"])
def test_two_that_miss_the_same_router_leave_one(l3: L3, visit: Visit, change: str) -> None:
    read(visit)
    first = ask(visit, "connect-server", server_id="server-1")
    second = ask(visit, "connect-server", server_id="server-2")

    def between(now: str) -> None:
        if now == change:
            l3.before = lambda _change: None
            assert go(second).state == State.DONE

    l3.before = between
    assert go(first).state == State.DONE
    (left,) = (one["id"] for one in l3.cloud.routers)
    assert inside(l3, left) == 1
    assert sorted(one["port_id"] for one in l3.cloud.floating_ips) == ["port-1", "port-2"]
    assert list(Router.objects.values_list("external_id", flat=True)) == [left]


# What speaks against it, told beforehand: the action, its params, the field, and words of the reason.
AGAINST: dict[str, tuple[str, dict[str, Any], str, str]] = {
    "no addresses": ("create-network", APP | {"cidr": "app"}, "cidr", "“app” are no addresses"),
    "one address": ("create-network", APP | {"cidr": "10.0.7.5/24"}, "cidr", "is one address of 10.0.7.0/24"),
    "too few": ("create-network", APP | {"cidr": "10.0.7.0/31"}, "cidr", "too few addresses (2)"),
    "multicast": ("create-network", APP | {"cidr": "224.0.0.0/24"}, "cidr", "a meaning of its own"),
    "loopback": ("create-network", APP | {"cidr": "127.0.0.0/24"}, "cidr", "a meaning of its own"),
    "small IPv6": ("create-network", APP | {"cidr": "fd00::/80", "dns_servers": []}, "cidr", "only in a /64"),
    "IPv6 by IPv4": ("create-network", APP | {"ipv6_mode": "slaac"}, "ipv6_mode", "are IPv4 addresses"),
    "gateway outside": ("create-network", APP | {"gateway": "10.0.8.1"}, "gateway", "does not lie in 10.0.7.0/24"),
    "gateway of another kind": ("create-network", APP | {"gateway": "fd00::1"}, "gateway", "does not lie in"),
    "gateway for all": ("create-network", APP | {"gateway": "10.0.7.255"}, "gateway", "can't be one machine's"),
    "no gateway": ("create-network", APP | {"gateway": "first"}, "gateway", "“first” is no address"),
    "no DNS server": ("create-network", APP | {"dns_servers": ["dns.example"]}, "dns_servers", "no address of a DNS"),
    "one twice": ("create-network", APP | {"dns_servers": ["192.0.2.1"] * 2}, "dns_servers", "stands there twice"),
    "too many": (
        "create-network",
        APP | {"dns_servers": [f"192.0.2.{n}" for n in range(6)]},
        "dns_servers",
        "6 DNS servers are more",
    ),
    "router's room": (
        "create-network",
        APP | {"cidr": "10.0.4.0/25", "router_id": "edge"},
        "cidr",
        "overlaps with app (10.0.4.0/24), in which edge is already",
    ),
    "two routers": (
        "create-network",
        APP | {"router_id": "edge", "external_network_id": PUBLIC},
        "router_id",
        "connected to one router",
    ),
    "no router": ("create-network", APP | {"router_id": "gone"}, "router_id", "no such router"),
    "nothing outside": ("create-network", APP | {"external_network_id": "network-1"}, "external_network_id", "no such"),
    "router without gateway": (
        "create-network",
        APP | {"gateway": "none", "router_id": "edge"},
        "gateway",
        "A router needs a gateway address",
    ),
    "subnet in the operator's": (
        "create-subnet",
        {"network_id": PUBLIC, "cidr": "10.0.9.0/24"},
        "network_id",
        "public is the operator's way outside",
    ),
    "subnet of others": (
        "create-subnet",
        {"network_id": "shared", "cidr": "10.0.9.0/24"},
        "network_id",
        "shared-net belongs to another project",
    ),
    "subnet's room": (
        "create-subnet",
        {"network_id": "network-1", "cidr": "10.0.0.0/16"},
        "cidr",
        "overlaps with app (10.0.4.0/24), which is in app-net too",
    ),
    "network of others": (
        "edit-network",
        {"network_id": "shared", "name": "ours"},
        "network_id",
        "can be used, and not",
    ),
    "same name": ("edit-network", {"network_id": "network-1", "name": "app-net"}, "", "what it is called already"),
    "others' network goes": ("delete-network", {"network_id": "shared"}, "network_id", "another project"),
    "network in use": (
        "delete-network",
        {"network_id": "network-1"},
        "network_id",
        "web-01, web-02 are in app-net. Delete them first",
    ),
    "port without a server": (
        "delete-network",
        {"network_id": "network-2"},
        "network_id",
        "A port that is no server's is in lone-net (10.0.6.9)",
    ),
    "subnet in use": ("delete-subnet", {"subnet_id": "subnet-1"}, "subnet_id", "web-01, web-02 are in app."),
    "no subnet": ("delete-subnet", {"subnet_id": "gone"}, "subnet_id", "no such subnet"),
    "two overlapping subnets": (
        "create-router",
        {"name": "r", "subnet_ids": ["subnet-2", "subnet-3"]},
        "subnet_ids",
        "one router can't be in both",
    ),
    "subnet with a router": (
        "create-router",
        {"name": "r", "subnet_ids": ["subnet-1"]},
        "subnet_ids",
        "app has a router already: edge is its gateway 10.0.4.254",
    ),
    "no such subnet": ("create-router", {"name": "r", "subnet_ids": ["gone"]}, "subnet_ids", "no such subnet"),
    "leads there already": (
        "set-router-gateway",
        {"router_id": "edge", "external_network_id": PUBLIC},
        "external_network_id",
        "edge leads to public already",
    ),
    "led through": (
        "clear-router-gateway",
        {"router_id": "edge"},
        "router_id",
        "198.51.100.5 leads through edge. Disassociate it first",
    ),
    "stays inside": ("clear-router-gateway", {"router_id": "inner"}, "router_id", "it stays inside"),
    "is in already": (
        "connect-subnet",
        {"router_id": "edge", "subnet_id": "subnet-1"},
        "subnet_id",
        "edge is in app already",
    ),
    "overlaps there": (
        "connect-subnet",
        {"router_id": "edge", "subnet_id": "subnet-3"},
        "subnet_id",
        "overlaps with app (10.0.4.0/24), in which edge is already",
    ),
    "no gateway address": (
        "connect-subnet",
        {"router_id": "inner", "subnet_id": "subnet-4"},
        "subnet_id",
        "closed has no gateway address",
    ),
    "subnet of the operator": (
        "connect-subnet",
        {"router_id": "inner", "subnet_id": "subnet-shared"},
        "subnet_id",
        "another project",
    ),
    "is not in": ("disconnect-subnet", {"router_id": "inner", "subnet_id": "subnet-1"}, "subnet_id", "is not in app"),
    "led into": (
        "disconnect-subnet",
        {"router_id": "edge", "subnet_id": "subnet-1"},
        "subnet_id",
        "198.51.100.5 leads through edge",
    ),
    "router in use": ("delete-router", {"router_id": "edge"}, "router_id", "198.51.100.5 leads through edge"),
    "none outside": ("allocate-floating-ip", {"network_id": "network-1"}, "network_id", "no such network outside"),
    "none at its server": (
        "allocate-floating-ip",
        {"network_id": PUBLIC, "server_id": "server-1"},
        "server_id",
        "10.0.4.1 of web-01 has a floating IP already: 198.51.100.5",
    ),
    "there already": (
        "associate-floating-ip",
        {"floating_ip_id": "floating-5", "server_id": "server-1"},
        "server_id",
        "198.51.100.5 leads to web-01 already",
    ),
    "address in use": (
        "associate-floating-ip",
        {"floating_ip_id": "floating-6", "server_id": "server-1"},
        "server_id",
        "has a floating IP already: 198.51.100.5",
    ),
    "no way": (
        "associate-floating-ip",
        {"floating_ip_id": "floating-6", "server_id": "server-4"},
        "server_id",
        "No router leads from closed-01 to the network of 198.51.100.6",
    ),
    "no port": (
        "associate-floating-ip",
        {"floating_ip_id": "floating-6", "server_id": "server-5"},
        "server_id",
        "bare-01 has no IPv4 address",
    ),
    "no such address": (
        "associate-floating-ip",
        {"floating_ip_id": "floating-6", "server_id": "server-2", "port_id": "port-1"},
        "server_id",
        "web-02 has no such address",
    ),
    "leads nowhere": (
        "disassociate-floating-ip",
        {"floating_ip_id": "floating-6"},
        "floating_ip_id",
        "198.51.100.6 leads nowhere",
    ),
    "gone": ("release-floating-ip", {"floating_ip_id": "gone"}, "floating_ip_id", "no such floating IP"),
    "reachable": (
        "connect-server",
        {"server_id": "server-1"},
        "server_id",
        "web-01 can be reached at 198.51.100.5 already",
    ),
    "IPv6 only": ("connect-server", {"server_id": "server-5"}, "server_id", "has no IPv4 address"),
    "no gateway to stand at": (
        "connect-server",
        {"server_id": "server-4"},
        "server_id",
        "closed has no gateway address, so no router can go into it",
    ),
    "outside itself": (
        "connect-server",
        {"server_id": "server-6"},
        "server_id",
        "out-01 is in public itself: 198.51.100.9 leads outside as it is",
    ),
    "no port security": (
        "connect-server",
        {"server_id": "server-7"},
        "server_id",
        "Port security is off at 10.0.4.7",
    ),
    "taken address": (
        "connect-server",
        {"server_id": "server-2", "floating_ip_id": "floating-5"},
        "floating_ip_id",
        "not free any more",
    ),
    "no such outside": (
        "connect-server",
        {"server_id": "server-2", "external_network_id": "network-1"},
        "external_network_id",
        "no such network outside",
    ),
}


@pytest.fixture
def town(l3: L3, visit: Visit) -> L3:
    """Networks of all kinds, and servers that can be reached and that can't."""
    reachable(l3)
    l3.has_router("inner", outside="")
    cloud = l3.cloud
    own = {"status": "ACTIVE", "tenant_id": PROJECT}
    cloud.networks += [
        {**own, "id": "network-2", "name": "lone-net"},
        {**own, "id": "network-3", "name": "twin-net"},
        {**own, "id": "network-4", "name": "closed-net"},
        {**own, "id": "shared", "name": "shared-net", "tenant_id": "others", "shared": True},
    ]
    cloud.subnets += [
        {"id": "subnet-2", "name": "lone", "network_id": "network-2", "cidr": "10.0.4.0/22", "gateway_ip": "10.0.6.1"},
        {"id": "subnet-3", "name": "twin", "network_id": "network-3", "cidr": "10.0.4.0/23", "gateway_ip": "10.0.5.1"},
        {"id": "subnet-4", "name": "closed", "network_id": "network-4", "cidr": "10.1.0.0/24", "gateway_ip": ""},
        {"id": "subnet-shared", "name": "s", "network_id": "shared", "cidr": "10.2.0.0/24", "gateway_ip": "10.2.0.1"},
        {"id": "public-subnet", "name": "p", "network_id": PUBLIC, "cidr": "198.51.100.0/24", "gateway_ip": ""},
    ]
    for number, name in ((4, "closed-01"), (5, "bare-01"), (6, "out-01"), (7, "open-01")):
        cloud.servers.append(cloud.servers[0] | {"id": f"server-{number}", "name": name})
    cloud.ports += [
        port(3, device_id="", device_owner="", network_id="network-2", fixed_ips=ip("subnet-2", "10.0.6.9")),
        port(4, network_id="network-4", fixed_ips=ip("subnet-4", "10.1.0.4")),
        port(5, fixed_ips=ip("subnet-1", "fd00::5")),
        port(6, network_id=PUBLIC, fixed_ips=ip("public-subnet", "198.51.100.9")),
        port(7, port_security_enabled=False, network_id="network-5", fixed_ips=ip("subnet-5", "10.0.4.7")),
    ]
    cloud.networks.append({**own, "id": "network-5", "name": "open-net"})
    cloud.subnets.append({"id": "subnet-5", "name": "open", "network_id": "network-5", "cidr": "10.0.4.0/24"})
    read(visit)
    return l3


def ip(subnet_id: str, address: str) -> list[dict[str, str]]:
    """The addresses of a port."""
    return [{"subnet_id": subnet_id, "ip_address": address}]


@pytest.mark.parametrize("case", AGAINST)
def test_what_can_not_be_is_refused_at_its_field(town: L3, visit: Visit, case: str) -> None:
    name, params, field, words = AGAINST[case]
    (found, reason), *_more = refusals(visit, name, **params)
    assert (found, words in reason) == (field, True), reason
    assert town.changes == []


@pytest.mark.parametrize(
    ("name", "params", "measure", "field"),
    [
        ("create-network", APP, Measure.NETWORKS, "name"),
        ("create-network", APP, Measure.SUBNETS, "cidr"),
        ("create-network", APP | {"external_network_id": PUBLIC}, Measure.ROUTERS, "external_network_id"),
        ("create-subnet", {"network_id": "network-1", "cidr": "10.0.8.0/24"}, Measure.SUBNETS, "name"),
        ("create-router", {"name": "r"}, Measure.ROUTERS, "name"),
        ("allocate-floating-ip", {"network_id": PUBLIC}, Measure.FLOATING_IPS, "network_id"),
        ("connect-server", {"server_id": "server-2", "floating_ip_id": "new"}, Measure.FLOATING_IPS, "floating_ip_id"),
    ],
)
def test_a_limit_that_is_reached_is_told_where_it_is_felt(
    seen: L3, visit: Visit, name: str, params: dict[str, Any], measure: Measure, field: str
) -> None:
    Limit.objects.update_or_create(tenant=visit.tenant, measure=measure, defaults={"used": 5, "allowed": 5})
    ((found, reason),) = refusals(visit, name, **params)
    assert found == field
    label = str(measure.label)
    assert f"atlas has no {label[0].lower()}{label[1:]} left in north: all 5 are in use." in reason


def test_a_server_that_has_all_but_the_address_takes_no_router_of_the_limit(seen: L3, visit: Visit) -> None:
    Limit.objects.update_or_create(tenant=visit.tenant, measure=Measure.ROUTERS, defaults={"used": 1, "allowed": 1})
    action = ACTIONS["connect-server"]
    assert action.costs(visit.tenant, action.params.model_validate({"server_id": "server-2"})) == {}
    assert done(visit, "connect-server", server_id="server-2").note == "198.51.100.6"


def test_a_location_without_a_way_outside_says_so(l3: L3, visit: Visit) -> None:
    l3.cloud.networks[:] = [one for one in l3.cloud.networks if one["id"] != PUBLIC]
    read(visit)
    assert refusals(visit, "connect-server", server_id="server-1") == [
        ("external_network_id", "north has no network that leads outside. Its operator would have to make one.")
    ]


def test_the_proposed_addresses_are_free(visit: Visit, tenant: Tenant) -> None:
    read(visit)
    assert addressing.free_cidr(tenant) == "10.0.1.0/24"
    Subnet.objects.filter(tenant=tenant).update(cidr="10.0.0.0/22")
    assert addressing.free_cidr(tenant) == "10.0.4.0/24"
    Subnet.objects.filter(tenant=tenant).update(cidr="10.0.0.0/8")
    assert addressing.free_cidr(tenant) == "192.168.1.0/24"
    Subnet.objects.filter(tenant=tenant).update(cidr="0.0.0.0/0")
    assert addressing.free_cidr(tenant) == ""


def test_a_quota_that_ends_half_way_says_what_stands(l3: L3, visit: Visit) -> None:
    read(visit)
    over = {"NeutronError": {"type": "OverQuota", "message": "Quota exceeded for resources: ['subnet'].", "detail": ""}}
    l3.cloud.mock.post("http://cloud.test:9696/v2.0/subnets", status_code=409, json=over)
    operation = go(ask(visit, "create-network", **APP))
    assert (operation.state, operation.code) == (State.FAILED, "quota_exceeded")
    assert operation.note == "The network shop was made and is kept, without a subnet."
    assert l3.named("networks", "shop")[0]["description"] == "The shop"  # and not the operation's id


def test_a_network_that_a_server_came_into_is_kept(l3: L3, visit: Visit) -> None:
    emptied(l3)
    read(visit)
    operation = ask(visit, "delete-network", network_id="network-1")
    l3.cloud.ports.append(port(1))
    assert go(operation).code == "in_use"
    assert operation.reason == "web-01 is in it by now. Nothing was deleted."
    assert inside(l3, "edge") == 1
    assert operation.note == "The network is as it was."


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
        assert "A floating IP leads through the router by now" in operation.reason
    assert inside(l3, "edge") == 1


def test_a_server_on_a_network_of_others_uses_their_way(town: L3, visit: Visit) -> None:
    town.cloud.ports.append(port(8, network_id="shared", fixed_ips=ip("subnet-shared", "10.2.0.8")))
    town.cloud.servers.append(town.cloud.servers[0] | {"id": "server-8", "name": "guest-01"})
    read(visit)
    operation = go(ask(visit, "connect-server", server_id="server-8"))
    assert operation.reason == (
        "No router leads from the server to the network of 198.51.100.6. Nothing was changed by this step."
    )
    assert town.did("POST /routers") == 0
    town._plug(town.row("routers", "edge"), town.row("subnets", "subnet-shared"))
    assert done(visit, "connect-server", server_id="server-8").note == "198.51.100.6"


@pytest.mark.parametrize(
    ("name", "params", "lines"),
    [
        (
            "create-network",
            APP | {"external_network_id": PUBLIC, "gateway": "10.0.7.9", "dhcp": False},
            [
                "network create --description The shop shop",
                "subnet create --network shop --subnet-range 10.0.7.0/24 --gateway 10.0.7.9 --no-dhcp "
                "--dns-nameserver 192.0.2.53 shop",
                "router create --external-gateway public shop-router",
                "router add subnet shop-router shop",
            ],
        ),
        (
            "create-subnet",
            {"network_id": "network-1", "cidr": "fd00:7::/64", "name": "six"},
            [
                "subnet create --network app-net --subnet-range fd00:7::/64 --ip-version 6 --ipv6-ra-mode slaac "
                "--ipv6-address-mode slaac six"
            ],
        ),
        (
            "create-router",
            {"name": "edge", "external_network_id": PUBLIC, "subnet_ids": ["subnet-1"]},
            ["router create --external-gateway public edge", "router add subnet edge app"],
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
    names = asking.names_of(visit.tenant, [*action.things(wanted), *action.also_named(wanted)])
    said = [" ".join(word for part in line for word in part) for line in action.commands(wanted, names)]
    assert said == lines


def test_the_same_by_terraform(seen: L3, visit: Visit) -> None:
    action = ACTIONS["create-network"]
    wanted = action.params.model_validate(APP | {"external_network_id": PUBLIC})
    assert (
        action.terraform(visit.tenant, wanted, {})
        == """\
resource "openstack_networking_network_v2" "shop" {
  name        = "shop"
  description = "The shop"
}

resource "openstack_networking_subnet_v2" "shop" {
  name            = "shop"
  network_id      = openstack_networking_network_v2.shop.id
  cidr            = "10.0.7.0/24"
  ip_version      = 4
  dns_nameservers = ["192.0.2.53"]
}

resource "openstack_networking_router_v2" "shop-router" {
  name                = "shop-router"
  external_network_id = "public-1"
}

resource "openstack_networking_router_interface_v2" "shop" {
  router_id = openstack_networking_router_v2.shop-router.id
  subnet_id = openstack_networking_subnet_v2.shop.id
}"""
    )
