"""Connect a server to the internet: who sees what at once, what one click takes back, and who comes second."""

import pytest
import requests_mock

from projects.access import Visit
from projects.actions import ACTIONS
from projects.models import Limit, Operation
from services.network.models import Router
from services.openstack.words import Measure
from tests.unit import l3_cast
from tests.unit.clouds_fake import FakeCloud, port
from tests.unit.clouds_l3 import L3
from tests.unit.l3_cast import addresses, go, inside, ip, member_of, reachable, read
from tests.unit.running import ask, done, undo

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


@pytest.fixture
def town(l3: L3, visit: Visit) -> L3:
    l3_cast.town(l3)
    read(visit)
    return l3


def test_a_connected_server_is_disconnected_with_one_click_and_keeps_the_rest(l3: L3, visit: Visit) -> None:
    read(visit)
    operation = done(visit, "connect-server", server_id="server-1")
    assert addresses()[1][0] == "floating"
    assert undo(visit, operation).state == State.DONE
    assert addresses() == [("fixed", "10.0.4.1")]
    assert (len(l3.cloud.floating_ips), len(l3.cloud.routers), inside(l3, l3.cloud.routers[0]["id"])) == (1, 1, 1)


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


def test_a_server_that_has_all_but_the_address_takes_no_router_of_the_limit(seen: L3, visit: Visit) -> None:
    Limit.objects.update_or_create(tenant=visit.tenant, measure=Measure.ROUTERS, defaults={"used": 1, "allowed": 1})
    action = ACTIONS["connect-server"]
    assert action.costs(visit.tenant, action.params.model_validate({"server_id": "server-2"})) == {}
    assert done(visit, "connect-server", server_id="server-2").note == "198.51.100.6"


def test_a_server_on_a_network_of_others_uses_their_way(town: L3, visit: Visit) -> None:
    town.cloud.ports.append(port(8, network_id="shared", fixed_ips=ip("subnet-shared", "10.2.0.8")))
    town.cloud.servers.append(town.cloud.servers[0] | {"id": "server-8", "name": "guest-01"})
    read(visit)
    operation = go(ask(visit, "connect-server", server_id="server-8"))
    assert operation.reason == (
        "No router connects the server to the external network of 198.51.100.6. This step changed nothing."
    )
    assert town.did("POST /routers") == 0
    town._plug(town.row("routers", "edge"), town.row("subnets", "subnet-shared"))
    assert done(visit, "connect-server", server_id="server-8").note == "198.51.100.6"
