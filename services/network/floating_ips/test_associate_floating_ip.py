"""Associate a floating IP: what it refuses and associates, who comes second, its undo and its page."""

from typing import Any

import pytest
from django.test import Client

from projects.access import Visit
from projects.models import Operation
from services.network.models import FloatingIP, Port
from tests import factories
from tests.unit.clouds_fake import port
from tests.unit.clouds_l3 import L3
from tests.unit.l3_cast import addresses, go, read
from tests.unit.net_rows import HERE, address, server, text, the_operation
from tests.unit.running import ask, done, refusals, undo

pytestmark = pytest.mark.django_db

State = Operation.State


@pytest.mark.parametrize(
    ("params", "field", "words"),
    [
        (
            {"floating_ip_id": "floating-5", "server_id": "server-1"},
            "server_id",
            "198.51.100.5 is already associated with web-01",
        ),
        (
            {"floating_ip_id": "floating-6", "server_id": "server-1"},
            "server_id",
            "has a floating IP already: 198.51.100.5",
        ),
        (
            {"floating_ip_id": "floating-6", "server_id": "server-4"},
            "server_id",
            "No router connects closed-01 to the external network of 198.51.100.6",
        ),
        ({"floating_ip_id": "floating-6", "server_id": "server-5"}, "server_id", "bare-01 has no IPv4 address"),
        (
            {"floating_ip_id": "floating-6", "server_id": "server-2", "port_id": "port-1"},
            "server_id",
            "web-02 has no such address",
        ),
    ],
)
def test_it_refuses_what_cannot_be(town: L3, visit: Visit, params: dict[str, Any], field: str, words: str) -> None:
    (found, reason), *_more = refusals(visit, "associate-floating-ip", **params)
    assert (found, words in reason) == (field, True), reason
    assert town.changes == []


def test_the_servers_page_shows_a_floating_ip_when_the_operation_is_done(seen: L3, visit: Visit) -> None:
    assert addresses("server-2") == [("fixed", "10.0.4.2")]
    operation = done(visit, "associate-floating-ip", floating_ip_id="floating-6", server_id="server-2")
    assert addresses("server-2") == [("fixed", "10.0.4.2"), ("floating", "198.51.100.6")]
    assert FloatingIP.objects.get(address="198.51.100.6").server_id == "server-2"
    assert set(operation.targets.values_list("kind", flat=True)) == {"floatingip", "server"}
    done(visit, "disassociate-floating-ip", floating_ip_id="floating-5")
    assert addresses("server-1") == [("fixed", "10.0.4.1")]
    done(visit, "release-floating-ip", floating_ip_id="floating-6")
    assert addresses("server-2") == [("fixed", "10.0.4.2")]


def test_leading_to_a_server_is_undone_with_one_click(seen: L3, visit: Visit) -> None:
    operation = done(visit, "associate-floating-ip", floating_ip_id="floating-6", server_id="server-2")
    assert undo(visit, operation).state == State.DONE
    assert seen.row("floatingips", "floating-6")["port_id"] is None
    moved = done(visit, "associate-floating-ip", floating_ip_id="floating-5", server_id="server-2")
    assert undo(visit, moved).state == State.DONE
    assert seen.row("floatingips", "floating-5")["port_id"] == "port-1"


def test_who_looked_before_somebody_else_led_it_elsewhere_changes_nothing(seen: L3, visit: Visit) -> None:
    target = {"floating_ip_id": "floating-6", "server_id": "server-2", "was_port_id": ""}
    operation = ask(visit, "associate-floating-ip", **target)
    seen.cloud.ports.append(port(3, device_id="server-3"))
    seen._led(seen.row("floatingips", "floating-6"), "port-3", None)
    assert go(operation).code == "changed_meanwhile"
    assert seen.row("floatingips", "floating-6")["port_id"] == "port-3"
    read(visit)
    assert refusals(visit, "associate-floating-ip", **target)[0][0] == "floating_ip_id"
    assert "Somebody has changed the association" in refusals(visit, "associate-floating-ip", **target)[0][1]


def test_who_is_overtaken_between_look_and_change_sees_it_and_changes_nothing(seen: L3, visit: Visit) -> None:
    seen.cloud.ports.append(port(3, device_id="server-3"))

    def faster(change: str) -> None:
        seen.before = lambda _change: None
        row = seen.row("floatingips", "floating-6")
        seen._led(row, "port-3", None)
        row["revision_number"] += 1

    seen.before = faster
    params = {"floating_ip_id": "floating-6", "server_id": "server-2", "was_port_id": ""}
    assert go(ask(visit, "associate-floating-ip", **params)).code == "changed_meanwhile"
    assert seen.row("floatingips", "floating-6")["port_id"] == "port-3"


def test_a_floating_ip_is_led_to_a_server_unless_somebody_was_faster(member: Client, cast: factories.Cast) -> None:
    idle = address(27)
    url = f"{HERE}floating-ips/{idle.external_id}/associate/"
    port = Port.objects.get(device_id=server("web-02").external_id)
    sent = {"end": f"{port.external_id} 10.0.4.18", "was": "", "key": "k"}
    assert member.post(url, sent).status_code == 302
    assert the_operation().params["was_port_id"] == ""
    FloatingIP.objects.filter(pk=idle.pk).update(port_id="elsewhere")
    late = member.post(url, {**sent, "key": "k2"})
    assert late.status_code == 422
    assert "Somebody has changed the association of 198.51.100.27 meanwhile." in text(late)
    taken = member.post(url, {**sent, "end": "gone 10.0.4.18", "key": "k3"})
    assert taken.status_code == 422
