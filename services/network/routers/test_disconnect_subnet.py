"""Disconnect a subnet from a router: what it refuses and disconnects, its undo and its button."""

from typing import Any

import pytest
from django.test import Client

from projects.access import Visit
from projects.models import Operation
from services.network.models import FloatingIP, Port
from tests.unit.clouds_l3 import L3
from tests.unit.l3_cast import inside, read, routed
from tests.unit.net_rows import HERE, edge, text, the_operation
from tests.unit.running import done, refusals, undo

pytestmark = pytest.mark.django_db

State = Operation.State


@pytest.mark.parametrize(
    ("params", "field", "words"),
    [
        ({"router_id": "inner", "subnet_id": "subnet-1"}, "subnet_id", "is not in app"),
        ({"router_id": "edge", "subnet_id": "subnet-1"}, "subnet_id", "198.51.100.5 uses edge"),
    ],
)
def test_it_refuses_what_cannot_be(town: L3, visit: Visit, params: dict[str, Any], field: str, words: str) -> None:
    (found, reason), *_more = refusals(visit, "disconnect-subnet", **params)
    assert (found, words in reason) == (field, True), reason
    assert town.changes == []


def test_it_disconnects_and_is_undone_with_one_click(l3: L3, visit: Visit) -> None:
    routed(l3)
    read(visit)
    operation = done(visit, "disconnect-subnet", router_id="edge", subnet_id="subnet-1")
    assert inside(l3, "edge") == 0
    assert not Port.objects.filter(device_id="edge").exists()
    assert undo(visit, operation).state == State.DONE
    assert inside(l3, "edge") == 1


def test_a_subnet_leaves_its_router_with_one_click(member: Client) -> None:
    FloatingIP.objects.update(router_id="")
    interfaces = member.get(f"{HERE}routers/{edge().external_id}/").context["interfaces"]
    (action,) = interfaces[0]["actions"]
    assert member.post(action.url)["Location"].startswith(f"{HERE}routers/{edge().external_id}/?op=")
    assert the_operation().action == "disconnect-subnet"


def test_what_a_button_asks_for_and_can_not_be_is_said(member: Client) -> None:
    interfaces = member.get(f"{HERE}routers/{edge().external_id}/").context["interfaces"]
    response = member.post(interfaces[0]["actions"][0].url)
    assert response.status_code == 422
    assert "198.51.100.11, 198.51.100.24 use main" in text(response)
