"""Connect a subnet to a router: what it refuses and connects, its undo and its page."""

from typing import Any

import pytest
from django.test import Client

from projects.access import Visit
from projects.models import Operation, Tenant
from tests import factories
from tests.unit.clouds_l3 import L3
from tests.unit.l3_cast import inside, read
from tests.unit.net_rows import HERE, edge, lone, text, the_operation
from tests.unit.running import done, refusals, undo

pytestmark = pytest.mark.django_db

State = Operation.State


@pytest.mark.parametrize(
    ("params", "field", "words"),
    [
        ({"router_id": "edge", "subnet_id": "subnet-1"}, "subnet_id", "edge is in app already"),
        (
            {"router_id": "edge", "subnet_id": "subnet-3"},
            "subnet_id",
            "overlaps with app (10.0.4.0/24), in which edge is already",
        ),
        ({"router_id": "inner", "subnet_id": "subnet-4"}, "subnet_id", "closed has no gateway address"),
        ({"router_id": "inner", "subnet_id": "subnet-shared"}, "subnet_id", "another project"),
    ],
)
def test_it_refuses_what_cannot_be(town: L3, visit: Visit, params: dict[str, Any], field: str, words: str) -> None:
    (found, reason), *_more = refusals(visit, "connect-subnet", **params)
    assert (found, words in reason) == (field, True), reason
    assert town.changes == []


def test_connecting_a_subnet_is_undone_with_one_click(l3: L3, visit: Visit) -> None:
    l3.has_router("edge")
    read(visit)
    operation = done(visit, "connect-subnet", router_id="edge", subnet_id="subnet-1")
    back = undo(visit, operation)
    assert inside(l3, "edge") == 0
    assert undo(visit, back).state == State.DONE
    assert inside(l3, "edge") == 1


def test_a_router_takes_a_subnet_that_fits(member: Client, atlas: Tenant) -> None:
    lone(atlas)
    url = f"{HERE}routers/{edge().external_id}/connect/"
    page = text(member.get(url))
    assert "app-net-v4, 10.0.4.0/24, in app-net (It is connected already)" in page
    assert member.post(url, {"subnet_id": factories.ident("lone-subnet"), "key": "k"}).status_code == 302
    assert member.post(url, {"subnet_id": factories.ident("atlas@north/subnet/app-net"), "key": "l"}).status_code == 422


def test_a_network_without_a_router_says_what_to_do_next(member: Client, reader: Client, atlas: Tenant) -> None:
    url = f"{HERE}networks/{lone(atlas).external_id}/"
    page = text(member.get(url))
    assert "No router: its servers can reach only each other." in page
    assert "Connect to main" in page
    assert "Create a router" in page
    seen = text(reader.get(url))
    assert "No router: its servers can reach only each other" in seen
    assert "Connect to main" not in seen
    (connect, create) = member.get(url).context["next"]
    assert member.post(connect.url).status_code == 302
    assert the_operation().params == {"router_id": edge().external_id, "subnet_id": factories.ident("lone-subnet")}
    form = member.get(create.url).context["form"]
    assert form["subnet_ids"].value() == [factories.ident("lone-subnet")]
