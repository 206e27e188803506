"""Delete a network: what keeps it, what goes with it, and its page."""

from typing import Any

import pytest
from django.test import Client

from projects.access import Visit
from projects.actions import ACTIONS
from services.network.models import Network, Port
from tests.unit.clouds_fake import port
from tests.unit.clouds_l3 import L3
from tests.unit.l3_cast import emptied, go, inside, read
from tests.unit.net_rows import HERE, net, text, the_operation
from tests.unit.running import ask, done, refusals

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("params", "field", "words"),
    [
        ({"network_id": "shared"}, "network_id", "another project"),
        ({"network_id": "network-1"}, "network_id", "web-01, web-02 are in app-net. Delete them first"),
        ({"network_id": "network-2"}, "network_id", "A port without a server is in lone-net (10.0.6.9)"),
    ],
)
def test_it_refuses_what_cannot_be(town: L3, visit: Visit, params: dict[str, Any], field: str, words: str) -> None:
    (found, reason), *_more = refusals(visit, "delete-network", **params)
    assert (found, words in reason) == (field, True), reason
    assert town.changes == []


def test_it_goes_with_its_subnets_and_there_is_no_undo(l3: L3, visit: Visit) -> None:
    emptied(l3)
    read(visit)
    operation = done(visit, "delete-network", network_id="network-1")
    assert (l3.named("networks", "app-net"), l3.cloud.subnets, len(l3.cloud.routers)) == ([], [], 1)
    assert not Network.objects.filter(external_id="network-1").exists()
    action = ACTIONS["delete-network"]
    assert action.undo(operation, action.params.model_validate(operation.params)) is None


def test_a_network_that_a_server_came_into_is_kept(l3: L3, visit: Visit) -> None:
    emptied(l3)
    read(visit)
    operation = ask(visit, "delete-network", network_id="network-1")
    l3.cloud.ports.append(port(1))
    assert go(operation).code == "in_use"
    assert operation.reason == "web-01 is in it by now. Nothing was deleted."
    assert inside(l3, "edge") == 1
    assert operation.note == "The network is as it was."


def test_a_network_in_use_says_who_is_in_it(member: Client) -> None:
    url = f"{HERE}networks/{net('backup-net').external_id}/delete/"
    page = text(member.get(url))
    assert "web-01 is in backup-net. Delete it first" in page
    assert "Type backup-net to confirm" not in page
    assert member.post(url, {"typed": "backup-net", "key": "k"}).status_code == 422
    Port.objects.filter(device_owner="compute:nova").delete()
    page = text(member.get(url))
    assert "Type backup-net to confirm" in page
    assert "Router, disconnected first" in page
    lines = member.get(url).context["formats"][0].text.replace(" \\\n ", "")
    assert "router remove subnet main backup-net-v4" in lines
    assert lines.endswith("network delete backup-net")
    assert member.post(url, {"typed": "backup", "key": "k"}).status_code == 422
    assert member.post(url, {"typed": "backup-net", "key": "k"}).status_code == 302
    assert the_operation().action == "delete-network"
