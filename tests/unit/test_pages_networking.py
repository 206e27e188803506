"""The pages that change networks and routers: what they offer, refuse and ask for."""

from typing import Any

import pytest
from django.test import Client

from services.network.models import FloatingIP, Router, Subnet
from tests.unit.net_rows import (
    HERE,
    edge,
    net,
    text,
    the_operation,
)

pytestmark = pytest.mark.django_db


def test_networks_of_others_offer_nothing_and_say_why(member: Client) -> None:
    public = net("public")
    page = member.get(f"{HERE}networks/{public.external_id}/")
    assert (page.context["buttons"], page.context["more"]) == ([], [])
    menu = member.get(f"{HERE}networks/{public.external_id}/menu/")
    assert {str(one.label): str(one.blocked) for one in menu.context["actions"]}["Delete"] == (
        "It is the operator's external network."
    )
    page = text(member.get(f"{HERE}networks/{public.external_id}/delete/"))
    assert "public is the operator's external network. You can use it, but not change it." in page


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"ip_version": 4, "dhcp": True}, "addresses by DHCP,"),
        ({"ip_version": 4, "dhcp": False}, "no DHCP,"),
        ({"ip_version": 6, "ipv6_address_mode": "slaac"}, "addresses by SLAAC,"),
        ({"ip_version": 6, "ipv6_address_mode": "dhcpv6-stateless"}, "addresses by SLAAC, other options by DHCPv6,"),
        ({"ip_version": 6, "ipv6_address_mode": "dhcpv6-stateful"}, "addresses by DHCPv6,"),
        ({"ip_version": 6, "ipv6_address_mode": "a-new-one"}, "a-new-one,"),
        ({"ip_version": 6, "dhcp": True}, "neither SLAAC nor DHCPv6 from the cloud,"),
    ],
)
def test_a_subnet_says_how_servers_get_addresses(member: Client, values: dict[str, Any], words: str) -> None:
    subnet = Subnet.objects.filter(network_id=net("app-net").external_id).first()
    assert subnet is not None
    Subnet.objects.filter(pk=subnet.pk).update(**values, dns_servers=["192.0.2.53"])
    assert f", {words} DNS 192.0.2.53" in text(member.get(f"{HERE}networks/{subnet.network_id}/"))


def test_a_router_offers_what_fits_it(member: Client) -> None:
    url = f"{HERE}routers/{edge().external_id}/"
    answer = member.get(url).context
    assert [str(one.label) for one in answer["buttons"]] == ["Connect a subnet"]
    assert [str(one.label) for one in answer["more"]] == [
        "Change external gateway",
        "Remove external gateway",
        "Delete",
    ]
    assert "198.51.100.11, 198.51.100.24 use main. Disassociate them first." in text(member.get(f"{url}close/"))
    assert "use main" in text(member.get(f"{url}delete/"))
    FloatingIP.objects.update(router_id="", port_id="", server_id="")
    lines = member.get(f"{url}delete/").context["formats"][0].text.replace(" \\\n ", "")
    assert "router remove subnet main app-net-v4" in lines
    assert lines.endswith("router delete main")
    assert "A new gateway gets a different one" in text(member.get(f"{url}close/"))
    assert member.post(f"{url}close/", {"key": "k"}).status_code == 302
    assert the_operation().action == "clear-router-gateway"
    Router.objects.update(external_network_id="", external_addresses=[])
    answer = member.get(url).context
    assert [str(one.label) for one in answer["buttons"]] == ["Connect a subnet", "Set external gateway"]
    assert (
        member.post(f"{url}gateway/", {"external_network_id": net("public").external_id, "key": "g"}).status_code == 302
    )
