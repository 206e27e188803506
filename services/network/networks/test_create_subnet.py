"""Create a subnet in a network: what it refuses and makes, and its page."""

from typing import Any

import pytest
from django.test import Client

from projects.access import Visit
from projects.actions import ACTIONS
from services.network.models import Subnet
from tests.unit.clouds_l3 import L3, PUBLIC
from tests.unit.l3_cast import read
from tests.unit.net_rows import HERE, net, text, the_operation
from tests.unit.running import done, refusals

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("params", "field", "words"),
    [
        ({"network_id": PUBLIC, "cidr": "10.0.9.0/24"}, "network_id", "public is the operator's external network"),
        ({"network_id": "shared", "cidr": "10.0.9.0/24"}, "network_id", "shared-net belongs to another project"),
        (
            {"network_id": "network-1", "cidr": "10.0.0.0/16"},
            "cidr",
            "overlaps with app (10.0.4.0/24), which is in app-net too",
        ),
    ],
)
def test_it_refuses_what_cannot_be(town: L3, visit: Visit, params: dict[str, Any], field: str, words: str) -> None:
    (found, reason), *_more = refusals(visit, "create-subnet", **params)
    assert (found, words in reason) == (field, True), reason
    assert town.changes == []


def test_it_makes_the_subnet_and_has_no_undo(l3: L3, visit: Visit) -> None:
    read(visit)
    operation = done(visit, "create-subnet", network_id="network-1", name="more", cidr="10.0.8.0/24")
    assert [one["cidr"] for one in l3.named("subnets", "more")] == ["10.0.8.0/24"]
    assert Subnet.objects.get(name="more").network_id == "network-1"
    action = ACTIONS["create-subnet"]
    assert action.undo(operation, action.params.model_validate(operation.params)) is None


def test_its_page_asks_for_it(member: Client) -> None:
    page = f"{HERE}networks/{net().external_id}/"
    assert "Add a subnet to app-net" in text(member.get(f"{page}subnets/create/"))
    six = {"cidr": "fd00:7::/64", "dhcp": "on", "name": "six", "key": "k"}
    assert member.post(f"{page}subnets/create/", six)["Location"].startswith(page)
    assert the_operation().params["cidr"] == "fd00:7::/64"
    overlaps = member.post(f"{page}subnets/create/", {**six, "cidr": "10.0.0.0/16", "key": "k2"})
    assert "which is in app-net too" in str(overlaps.context["form"].errors["cidr"])
