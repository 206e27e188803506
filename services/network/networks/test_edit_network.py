"""Give a network another name: what it refuses and writes, its undo and its page."""

import json
from typing import Any

import pytest
from django.test import Client

from projects.access import Visit
from projects.models import Operation
from services.network.models import Network
from tests.unit.clouds_l3 import L3
from tests.unit.l3_cast import go, read
from tests.unit.net_rows import HERE, net, text, the_operation
from tests.unit.running import ask, done, refusals, undo

pytestmark = pytest.mark.django_db

State = Operation.State


@pytest.mark.parametrize(
    ("params", "field", "words"),
    [
        ({"network_id": "shared", "name": "ours"}, "network_id", "You can use it, but not change it"),
        ({"network_id": "network-1", "name": "app-net"}, "", "what it is called already"),
    ],
)
def test_it_refuses_what_cannot_be(town: L3, visit: Visit, params: dict[str, Any], field: str, words: str) -> None:
    (found, reason), *_more = refusals(visit, "edit-network", **params)
    assert (found, words in reason) == (field, True), reason
    assert town.changes == []


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


def test_a_network_is_renamed_and_nobodys_words_are_lost(member: Client) -> None:
    url = f"{HERE}networks/{net().external_id}/edit/"
    sent = {"name": "shop-net", "description": "Shop", "was": json.dumps(["app-net", ""]), "key": "k"}
    assert member.post(url, sent).status_code == 302
    assert the_operation().params["was_name"] == "app-net"
    Network.objects.filter(pk=net().pk).update(description="Theirs")
    again = member.post(url, {**sent, "key": "k2"})
    assert again.status_code == 422
    assert "its description “Theirs”" in text(again)
    assert "Put mine in its place" in text(again)
