"""The page that connects a server to the internet: what is there, what is made, and why there is no way."""

from typing import Any

import pytest
from django.test import Client

from projects.models import Operation, Tenant
from services.network.models import (
    Network,
    Port,
    Router,
    SecurityGroupRule,
    Subnet,
)
from tests import factories
from tests.unit.net_rows import (
    HERE,
    LIVE,
    address,
    lone,
    server,
    text,
    the_operation,
)

pytestmark = pytest.mark.django_db


def connecting(name: str) -> str:
    return f"{HERE}servers/{server(name).external_id}/connect/"


def test_the_way_to_a_server_tells_what_is_there_and_what_is_made(member: Client, atlas: Tenant) -> None:
    lone(atlas)
    Router.objects.all().delete()
    answer = member.get(connecting("lone-01")).context
    assert [(one.title, str(one.made)) for one in answer["pieces"]] == [
        ("public", ""),
        ("lone-net-router", "will be made"),
        ("10.0.6.1", "will be connected"),
        ("198.51.100.27", ""),
        ("lone-01", "becomes reachable"),
    ]
    assert [(wire.from_text, wire.to_text) for wire in answer["wires"]] == [
        ("Anywhere", "80/tcp"),
        ("Anywhere", "443/tcp"),
        ("203.0.113.0/24", "22/tcp"),
    ]
    lines = answer["formats"][0].text.replace(" \\\n ", "")
    assert "router create --external-gateway=public lone-net-router" in lines
    assert "router add subnet lone-net-router lone-v4" in lines
    assert "198.51.100.27" in lines


def test_the_way_to_a_server_takes_what_is_chosen(member: Client, atlas: Tenant) -> None:
    lone(atlas)
    url = connecting("lone-01")
    port = factories.ident("lone-port")
    new = {"end": f"{port} 10.0.6.9", "floating_ip_id": "new", "key": "k"}
    live = member.post(url, new, headers=LIVE).context
    assert [(str(one.title), str(one.made)) for one in live["pieces"]][1:4] == [
        ("main", ""),
        ("10.0.6.1", "will be connected"),
        ("A floating IP", "will be made"),
    ]
    assert [(one.label, one.adds) for one in live["quotas"]] == [("Floating IPs", 1)]
    assert not Operation.objects.exists()
    response = member.post(url, {**new, "floating_ip_id": address(27).external_id})
    assert response["Location"] == f"{HERE}servers/{server('lone-01').external_id}/?op={the_operation().pk}"
    assert the_operation().params == {
        "server_id": server("lone-01").external_id,
        "port_id": port,
        "fixed_address": "10.0.6.9",
        "external_network_id": "",
        "router_id": "",
        "floating_ip_id": address(27).external_id,
    }
    # Another operation has chosen it: it is not offered any more, and not taken.
    again = member.post(url, {**new, "floating_ip_id": address(27).external_id, "key": "k2"})
    assert again.status_code == 422


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda: Port.objects.filter(external_id=factories.ident("lone-port")).delete(), "has no IPv4 address"),
        (lambda: Port.objects.update(port_security=False), "Port security is off at 10.0.6.9"),
        (lambda: Network.objects.update(external=False), "has no external network"),
        (
            lambda: Network.objects.filter(name="lone-net").update(external=True),
            "is in the external network lone-net itself",
        ),
        (lambda: Subnet.objects.update(gateway=""), "has no gateway address"),
    ],
)
def test_where_there_is_no_way_the_page_says_why_at_once(
    member: Client, atlas: Tenant, change: Any, words: str
) -> None:
    lone(atlas)
    change()
    response = member.get(connecting("lone-01"))
    assert response.status_code == 200
    assert "Not possible now" in text(response)
    assert words in text(response)
    assert member.post(connecting("lone-01"), {"floating_ip_id": "new", "key": "k"}).status_code == 422
    assert not Operation.objects.exists()


def test_a_server_whose_groups_let_nobody_in_is_told_so(member: Client, atlas: Tenant) -> None:
    lone(atlas)
    SecurityGroupRule.objects.all().delete()
    page = text(member.get(connecting("lone-01")))
    assert "Nothing yet: no security group of the server lets in anybody from outside." in page


def test_the_servers_page_offers_the_way_to_the_internet_to_members(
    member: Client, reader: Client, atlas: Tenant
) -> None:
    link = f'href="{connecting("web-02")}"'
    page = f"{HERE}servers/{server('web-02').external_id}/"
    assert member.get(page).content.decode().count(link) == 2  # beside the facts, and in the menu
    assert link not in reader.get(page).content.decode()
    facts = {str(one.label): one for one in reader.get(page).context["facts"]}
    assert str(facts["Floating IP"].missing) == "none"
    menu = member.get(f"{HERE}servers/{server('bastion').external_id}/").context["more"]
    (connect,) = (one for one in menu if str(one.label) == "Connect to the internet")
    assert str(connect.blocked) == "It can be reached at 198.51.100.11."
    assert link in member.get(f"{page}menu/").content.decode()
