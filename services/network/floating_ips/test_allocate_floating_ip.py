"""Allocate a floating IP: what it refuses and allocates, and its page."""

from typing import Any

import pytest
from django.test import Client

from projects.access import Visit
from projects.actions import ACTIONS
from projects.models import Tenant
from services.network.models import FloatingIP, Port
from tests import factories
from tests.unit.clouds_l3 import L3, PUBLIC
from tests.unit.l3_cast import read, routed
from tests.unit.net_rows import HERE, net, server, text, the_operation
from tests.unit.running import done, refusals

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("params", "field", "words"),
    [
        ({"network_id": "network-1"}, "network_id", "no such external network"),
        (
            {"network_id": PUBLIC, "server_id": "server-1"},
            "server_id",
            "10.0.4.1 of web-01 has a floating IP already: 198.51.100.5",
        ),
    ],
)
def test_it_refuses_what_cannot_be(town: L3, visit: Visit, params: dict[str, Any], field: str, words: str) -> None:
    (found, reason), *_more = refusals(visit, "allocate-floating-ip", **params)
    assert (found, words in reason) == (field, True), reason
    assert town.changes == []


def test_it_allocates_one_for_a_server_and_has_no_undo(l3: L3, visit: Visit) -> None:
    routed(l3)
    read(visit)
    operation = done(visit, "allocate-floating-ip", network_id=PUBLIC, server_id="server-1", description="mail")
    assert [(one["port_id"], one["description"]) for one in l3.cloud.floating_ips] == [("port-1", "mail")]
    assert FloatingIP.objects.get().server_id == "server-1"
    action = ACTIONS["allocate-floating-ip"]
    assert action.undo(operation, action.params.model_validate(operation.params)) is None


def test_an_address_is_allocated_for_a_server(member: Client, atlas: Tenant) -> None:
    url = f"{HERE}floating-ips/create/"
    page = text(member.get(url))
    assert "web-02, 10.0.4.18 on app-net, running" in page
    assert "bastion, 10.0.4.5 on app-net, running (has 198.51.100.11)" in page
    port = Port.objects.get(device_id=server("web-02").external_id)
    sent = {"network_id": net("public").external_id, "description": "mail", "key": "k"}
    member.post(url, {**sent, "end": f"{port.external_id} 10.0.4.18"})
    assert the_operation().params == {
        "network_id": net("public").external_id,
        "description": "mail",
        "server_id": server("web-02").external_id,
        "port_id": port.external_id,
        "fixed_address": "10.0.4.18",
    }
    factories.limits(atlas, floating_ips=(10, 10))
    form = member.post(url, {**sent, "key": "k2"}).context["form"]
    assert "atlas has no floating IPs left in north" in str(form.errors["network_id"])
