"""Create a router: what it refuses and makes, and its page."""

from typing import Any

import pytest
from django.test import Client

from projects.access import Visit
from projects.actions import ACTIONS
from projects.models import Operation, Tenant
from services.network.models import Router
from tests import factories
from tests.unit.clouds_l3 import L3, PUBLIC
from tests.unit.l3_cast import inside, read
from tests.unit.net_rows import HERE, lone, net, the_operation
from tests.unit.running import done, refusals

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("params", "field", "words"),
    [
        ({"name": "r", "subnet_ids": ["subnet-2", "subnet-3"]}, "subnet_ids", "one router can't be in both"),
        (
            {"name": "r", "subnet_ids": ["subnet-1"]},
            "subnet_ids",
            "app has a router already: edge is its gateway 10.0.4.254",
        ),
        ({"name": "r", "subnet_ids": ["gone"]}, "subnet_ids", "no such subnet"),
    ],
)
def test_it_refuses_what_cannot_be(town: L3, visit: Visit, params: dict[str, Any], field: str, words: str) -> None:
    (found, reason), *_more = refusals(visit, "create-router", **params)
    assert (found, words in reason) == (field, True), reason
    assert town.changes == []


def test_it_makes_the_router_joins_its_subnets_and_has_no_undo(l3: L3, visit: Visit) -> None:
    read(visit)
    operation = done(visit, "create-router", name="edge", external_network_id=PUBLIC, subnet_ids=["subnet-1"])
    (made,) = l3.named("routers", "edge")
    assert (made["description"], inside(l3, made["id"])) == ("", 1)
    assert Router.objects.get(name="edge").external_network_id == PUBLIC
    action = ACTIONS["create-router"]
    assert action.undo(operation, action.params.model_validate(operation.params)) is None


def test_a_router_is_asked_for_with_what_it_joins(member: Client, atlas: Tenant) -> None:
    lone(atlas)
    url = f"{HERE}routers/create/"
    form = member.get(url).context["form"]
    cards = {card["card"].title: card["card"].blocked for card in form["subnet_ids"].cards()}
    assert cards == {"app-net-v4": "Its router is main", "backup-net-v4": "Its router is main", "lone-v4": ""}
    sent = {"name": "edge", "external_network_id": net("public").external_id, "key": "k"}
    member.post(url, {**sent, "subnet_ids": [factories.ident("lone-subnet")]})
    assert the_operation().params["subnet_ids"] == [factories.ident("lone-subnet")]
    inside = member.post(url, {"name": "inner", "external_network_id": "inside", "key": "k2"})
    assert inside.status_code == 302
    assert Operation.objects.latest("asked_at").params["external_network_id"] == ""
