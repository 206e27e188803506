"""Remove a router's gateway: what it refuses and removes, its undo and its page."""

from typing import Any

import pytest
from django.test import Client

from projects.access import Visit
from projects.models import Operation
from services.network.models import FloatingIP, Router
from tests.unit.clouds_l3 import L3, PUBLIC
from tests.unit.l3_cast import read
from tests.unit.net_rows import HERE, edge, text, the_operation
from tests.unit.running import done, refusals, undo

pytestmark = pytest.mark.django_db

State = Operation.State


@pytest.mark.parametrize(
    ("params", "field", "words"),
    [
        ({"router_id": "edge"}, "router_id", "198.51.100.5 uses edge. Disassociate it first"),
        ({"router_id": "inner"}, "router_id", "has no external gateway"),
    ],
)
def test_it_refuses_what_cannot_be(town: L3, visit: Visit, params: dict[str, Any], field: str, words: str) -> None:
    (found, reason), *_more = refusals(visit, "clear-router-gateway", **params)
    assert (found, words in reason) == (field, True), reason
    assert town.changes == []


def test_it_removes_the_gateway_and_is_undone_with_one_click(l3: L3, visit: Visit) -> None:
    l3.has_router("inner")
    read(visit)
    operation = done(visit, "clear-router-gateway", router_id="inner")
    assert l3.row("routers", "inner")["external_gateway_info"] is None
    assert Router.objects.get(external_id="inner").external_network_id == ""
    assert undo(visit, operation).state == State.DONE
    assert Router.objects.get(external_id="inner").external_network_id == PUBLIC


def test_its_page_says_what_is_lost_and_asks_for_it(member: Client) -> None:
    url = f"{HERE}routers/{edge().external_id}/close/"
    assert "198.51.100.11, 198.51.100.24 use main. Disassociate them first." in text(member.get(url))
    FloatingIP.objects.update(router_id="", port_id="", server_id="")
    page = text(member.get(url))
    assert "198.51.100.2" in page
    assert "Subnet 10.0.4.0/24, stays with its servers" in page
    assert member.post(url, {"key": "k"}).status_code == 302
    assert the_operation().params == {"router_id": edge().external_id}
