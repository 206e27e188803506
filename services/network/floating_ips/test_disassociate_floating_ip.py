"""Disassociate a floating IP: what it refuses and frees, who comes second, its undo and its button."""

from typing import Any

import pytest
from django.test import Client

from projects.access import Visit
from projects.models import Operation
from tests.unit.clouds_l3 import L3
from tests.unit.l3_cast import addresses, go
from tests.unit.net_rows import HERE, address, the_operation
from tests.unit.running import ask, done, refusals, undo

pytestmark = pytest.mark.django_db

State = Operation.State


@pytest.mark.parametrize(
    ("params", "field", "words"),
    [
        ({"floating_ip_id": "floating-6"}, "floating_ip_id", "198.51.100.6 is not associated"),
    ],
)
def test_it_refuses_what_cannot_be(town: L3, visit: Visit, params: dict[str, Any], field: str, words: str) -> None:
    (found, reason), *_more = refusals(visit, "disassociate-floating-ip", **params)
    assert (found, words in reason) == (field, True), reason
    assert town.changes == []


def test_leading_nowhere_is_undone_with_one_click(seen: L3, visit: Visit) -> None:
    operation = done(visit, "disassociate-floating-ip", floating_ip_id="floating-5")
    assert addresses() == [("fixed", "10.0.4.1")]
    assert undo(visit, operation).state == State.DONE
    assert addresses() == [("fixed", "10.0.4.1"), ("floating", "198.51.100.5")]
    assert operation.targets.filter(kind="server", external_id="server-1").exists()


@pytest.mark.parametrize("was", [{}, {"was_port_id": "port-1"}])
def test_what_somebody_led_elsewhere_just_now_is_not_taken_off(seen: L3, visit: Visit, was: dict[str, str]) -> None:
    def faster(change: str) -> None:
        seen.before = lambda _change: None
        row = seen.row("floatingips", "floating-5")
        seen._led(row, "port-2", None)
        row["revision_number"] += 1

    seen.before = faster
    operation = go(ask(visit, "disassociate-floating-ip", floating_ip_id="floating-5", **was))
    assert operation.code == "changed_meanwhile"
    assert seen.row("floatingips", "floating-5")["port_id"] == "port-2"
    assert addresses("server-2") == [("fixed", "10.0.4.2"), ("floating", "198.51.100.5")]


def test_a_floating_ip_is_taken_off_its_server_with_one_click(member: Client) -> None:
    url = f"{HERE}floating-ips/{address(24).external_id}/"
    actions = {str(one.label): one for one in member.get(url).context["buttons"]}
    assert set(actions) == {"Associate with another server", "Disassociate"}
    assert member.post(actions["Disassociate"].url).status_code == 302
    assert the_operation().params == {
        "floating_ip_id": address(24).external_id,
        "was_port_id": address(24).port_id,
    }
