"""Delete a subnet: what keeps it, what leaves it first, and its page."""

from typing import Any

import pytest
from django.test import Client

from projects.access import Visit
from projects.actions import ACTIONS
from services.network.models import FloatingIP, Port, Subnet
from tests.unit.clouds_l3 import L3
from tests.unit.l3_cast import emptied, read
from tests.unit.net_rows import HERE, net, text, the_operation
from tests.unit.running import done, refusals

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("params", "field", "words"),
    [
        ({"subnet_id": "subnet-1"}, "subnet_id", "web-01, web-02 are in app."),
        ({"subnet_id": "gone"}, "subnet_id", "no such subnet"),
    ],
)
def test_it_refuses_what_cannot_be(town: L3, visit: Visit, params: dict[str, Any], field: str, words: str) -> None:
    (found, reason), *_more = refusals(visit, "delete-subnet", **params)
    assert (found, words in reason) == (field, True), reason
    assert town.changes == []


def test_it_goes_and_its_network_stays_and_there_is_no_undo(l3: L3, visit: Visit) -> None:
    emptied(l3)
    read(visit)
    operation = done(visit, "delete-subnet", subnet_id="subnet-1")
    assert (l3.cloud.subnets, len(l3.named("networks", "app-net"))) == ([], 1)
    assert not Subnet.objects.filter(external_id="subnet-1").exists()
    action = ACTIONS["delete-subnet"]
    assert action.undo(operation, action.params.model_validate(operation.params)) is None


def test_its_page_says_who_is_in_it_and_asks_for_it(member: Client) -> None:
    page = f"{HERE}networks/{net().external_id}/"
    subnet = Subnet.objects.get(tenant__project__slug="atlas", tenant__location__name="north", name="app-net-v4")
    url = f"{page}subnets/{subnet.external_id}/delete/"
    assert "bastion, web-01, web-02 are in app-net-v4" in text(member.get(url))
    elsewhere = f"{HERE}networks/{net('backup-net').external_id}/subnets/{subnet.external_id}/delete/"
    assert member.get(elsewhere).status_code == 404
    Port.objects.filter(device_owner="compute:nova").delete()
    FloatingIP.objects.update(router_id="")
    assert "Type app-net-v4 to confirm" in text(member.get(url))
    assert member.post(url, {"typed": "app-net", "key": "k"}).status_code == 422
    assert member.post(url, {"typed": "app-net-v4", "key": "k"})["Location"].startswith(page)
    assert the_operation().params == {"subnet_id": subnet.external_id}
