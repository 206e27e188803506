"""Give a router a gateway: what it refuses and sets, its undo and its page."""

from typing import Any

import pytest
from django.test import Client

from projects.access import Visit
from projects.models import Operation
from services.network.models import Router
from tests.unit.clouds_l3 import L3, PUBLIC
from tests.unit.l3_cast import read
from tests.unit.net_rows import HERE, edge, net, the_operation
from tests.unit.running import done, refusals, undo

pytestmark = pytest.mark.django_db

State = Operation.State


@pytest.mark.parametrize(
    ("params", "field", "words"),
    [
        (
            {"router_id": "edge", "external_network_id": PUBLIC},
            "external_network_id",
            "public is already the external gateway of edge",
        ),
    ],
)
def test_it_refuses_what_cannot_be(town: L3, visit: Visit, params: dict[str, Any], field: str, words: str) -> None:
    (found, reason), *_more = refusals(visit, "set-router-gateway", **params)
    assert (found, words in reason) == (field, True), reason
    assert town.changes == []


def test_it_sets_the_gateway_and_is_undone_with_one_click(seen: L3, visit: Visit) -> None:
    seen.has_router("inner", outside="")
    read(visit)
    operation = done(visit, "set-router-gateway", router_id="inner", external_network_id=PUBLIC)
    assert operation.note == "Its external address is 198.51.100.6."
    assert Router.objects.get(external_id="inner").external_network_id == PUBLIC
    assert undo(visit, operation).state == State.DONE
    assert Router.objects.get(external_id="inner").external_network_id == ""


def test_its_page_asks_for_it(member: Client) -> None:
    public = net("public").external_id
    Router.objects.update(external_network_id="", external_addresses=[])
    url = f"{HERE}routers/{edge().external_id}/gateway/"
    assert member.get(url).context["form"]["external_network_id"].value() == public
    answer = member.post(url, {"external_network_id": public, "key": "g"})
    assert answer["Location"].startswith(f"{HERE}routers/{edge().external_id}/?op=")
    assert the_operation().params == {"router_id": edge().external_id, "external_network_id": public}
