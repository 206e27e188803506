"""The pages that change networks and routers: what they offer, refuse and ask for."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from projects.models import Limit, Operation, Tenant
from services.network.models import FloatingIP, Network, Port, Router, Subnet
from services.openstack.words import Measure
from tests import factories
from tests.unit.net_rows import (
    HERE,
    LIVE,
    edge,
    lone,
    net,
    text,
    the_operation,
)

pytestmark = pytest.mark.django_db

CREATE = f"{HERE}networks/create/"


def fill(**values: str) -> dict[str, str]:
    """A filled form of a new network."""
    return {"name": "shop-net", "cidr": "10.0.7.0/24", "connect": "inside", "dhcp": "on", "key": "k1", **values}


def test_a_new_network_begins_with_free_addresses_and_the_way_by_the_router(member: Client) -> None:
    form = member.get(CREATE).context["form"]
    assert form["cidr"].value() == "10.0.1.0/24"
    assert form["dns_servers"].value() == "192.0.2.53"
    assert form["connect"].value() == f"router {edge().external_id}"
    page = text(member.get(CREATE))
    assert "Room for 253 servers." in page
    assert "Where a router stands. Empty: 10.0.1.1, the first one." in page
    assert "router add subnet main NAME" in page


def test_a_network_is_asked_for_with_its_way(member: Client) -> None:
    response = member.post(CREATE, fill(connect=f"router {edge().external_id}", description="Shop"))
    operation = the_operation()
    assert response["Location"] == f"{HERE}networks/?op={operation.pk}"
    assert operation.params == {
        "name": "shop-net",
        "description": "Shop",
        "cidr": "10.0.7.0/24",
        "gateway": "auto",
        "dhcp": True,
        "dns_servers": [],
        "ipv6_mode": "",
        "router_id": edge().external_id,
        "external_network_id": "",
    }
    assert operation.targets.get().external_id == edge().external_id


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"connect": "inside"}, {"router_id": "", "external_network_id": ""}),
        ({"gateway": "None"}, {"gateway": "none"}),
        ({"gateway": " 10.0.7.9 "}, {"gateway": "10.0.7.9"}),
        ({"dns_servers": "192.0.2.1, 192.0.2.2;"[:-1]}, {"dns_servers": ["192.0.2.1", "192.0.2.2"]}),
        ({"dns_servers": "192.0.2.1  192.0.2.2,"}, {"dns_servers": ["192.0.2.1", "192.0.2.2"]}),
        ({"dhcp": ""}, {"dhcp": False}),
    ],
)
def test_what_is_typed_becomes_what_is_asked_for(member: Client, typed: dict[str, str], said: dict[str, Any]) -> None:
    assert member.post(CREATE, fill(**typed)).status_code == 302
    assert said.items() <= the_operation().params.items()


def test_a_network_may_bring_its_router(member: Client, atlas: Tenant) -> None:
    public = net("public").external_id
    page = text(member.post(CREATE, fill(connect=f"new {public}"), headers=LIVE))
    assert "router create --external-gateway public" in page.replace(" \\\n ", "")
    assert "Create and connect" in page
    member.post(CREATE, fill(connect=f"new {public}"))
    assert the_operation().params["external_network_id"] == public


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"cidr": "10.0.4.128/25", "connect": "edge"}, "cidr", "overlaps with app-net-v4 (10.0.4.0/24)"),
        ({"cidr": "10.0.7.9/24"}, "cidr", "is one address of 10.0.7.0/24"),
        ({"cidr": "shop"}, "cidr", "are no addresses"),
        ({"gateway": "10.0.8.1"}, "gateway", "does not lie in 10.0.7.0/24"),
        ({"gateway": "first"}, "gateway", "is no address"),
        ({"dns_servers": "dns.example"}, "dns_servers", "is no address of a DNS server"),
        ({"connect": "router gone"}, "connect", "Select a valid choice"),
        ({"name": ""}, "name", "This field is required"),
        ({"name": "x" * 256}, "name", "at most 255"),
        ({"connect": "edge", "gateway": "none"}, "gateway", "A router needs a gateway address"),
    ],
)
def test_what_can_not_be_is_said_beside_its_field_and_kept(
    member: Client, typed: dict[str, str], field: str, words: str
) -> None:
    if typed.get("connect") == "edge":
        typed = {**typed, "connect": f"router {edge().external_id}"}
    response = member.post(CREATE, fill(**typed))
    assert response.status_code == 422
    form = response.context["form"]
    assert list(form.errors) == [field]
    assert words in str(form.errors[field])
    assert form[field].value() == typed[field]
    assert not Operation.objects.exists()


def test_a_refusal_offers_what_would_do(member: Client) -> None:
    page = text(member.post(CREATE, fill(cidr="10.0.7.9/24")))
    assert "Use 10.0.7.0/24" in page
    page = text(member.post(CREATE, fill(cidr="10.0.4.0/24", connect=f"router {edge().external_id}")))
    assert "Use 10.0.1.0/24" in page


def test_the_limits_are_told_where_they_are_felt(member: Client, atlas: Tenant) -> None:
    factories.limits(atlas, networks=(5, 5), routers=(1, 1))
    form = member.post(CREATE, fill(connect=f"new {net('public').external_id}")).context["form"]
    assert "all 5 are in use" in str(form.errors["name"])
    assert "all 1 are in use" in str(form.errors["connect"])
    left = {one.label: (one.used, one.adds) for one in member.get(CREATE).context["quotas"]}
    assert left == {"Networks": (5, 1), "Subnets": (2, 1), "Routers": (1, 0)}


def test_a_form_that_another_form_lacks_leads_back_to_it(member: Client) -> None:
    back = f"{HERE}servers/create/?draft=k2"
    response = member.post(f"{CREATE}?{urlencode({'next': back})}", fill())
    assert response["Location"] == f"{back}&op={the_operation().pk}"
    assert text(member.get(f"{CREATE}?{urlencode({'next': back})}")).count(back.replace("&", "&amp;")) == 1


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


def test_a_subnet_is_added_and_deleted(member: Client) -> None:
    page = f"{HERE}networks/{net().external_id}/"
    six = {"cidr": "fd00:7::/64", "dhcp": "on", "name": "six", "key": "k"}
    assert member.post(f"{page}subnets/create/", six)["Location"].startswith(page)
    assert the_operation().params["cidr"] == "fd00:7::/64"
    overlaps = member.post(f"{page}subnets/create/", {**six, "cidr": "10.0.0.0/16", "key": "k2"})
    assert "which is in app-net too" in str(overlaps.context["form"].errors["cidr"])
    subnet = Subnet.objects.get(tenant__project__slug="atlas", tenant__location__name="north", name="app-net-v4")
    url = f"{page}subnets/{subnet.external_id}/delete/"
    assert "bastion, web-01, web-02 are in app-net-v4" in text(member.get(url))
    assert (
        member.get(f"{HERE}networks/{net('backup-net').external_id}/subnets/{subnet.external_id}/delete/").status_code
        == 404
    )


def test_a_network_in_use_says_who_is_in_it(member: Client) -> None:
    url = f"{HERE}networks/{net('backup-net').external_id}/delete/"
    page = text(member.get(url))
    assert "web-01 is in backup-net. Delete it first" in page
    assert "Type backup-net to confirm" not in page
    assert member.post(url, {"typed": "backup-net", "key": "k"}).status_code == 422
    Port.objects.filter(device_owner="compute:nova").delete()
    page = text(member.get(url))
    assert "Type backup-net to confirm" in page
    assert "Router, is disconnected from it first" in page
    lines = member.get(url).context["formats"][0].text.replace(" \\\n ", "")
    assert "router remove subnet main backup-net-v4" in lines
    assert lines.endswith("network delete backup-net")
    assert member.post(url, {"typed": "backup", "key": "k"}).status_code == 422
    assert member.post(url, {"typed": "backup-net", "key": "k"}).status_code == 302
    assert the_operation().action == "delete-network"


def test_networks_of_others_offer_nothing_and_say_why(member: Client) -> None:
    public = net("public")
    page = member.get(f"{HERE}networks/{public.external_id}/")
    assert (page.context["buttons"], page.context["more"]) == ([], [])
    menu = member.get(f"{HERE}networks/{public.external_id}/menu/")
    assert {str(one.label): str(one.blocked) for one in menu.context["actions"]}["Delete"] == (
        "It is the operator's way outside."
    )
    page = text(member.get(f"{HERE}networks/{public.external_id}/delete/"))
    assert "public is the operator's way outside. It can be used, and not changed." in page


def test_a_network_without_a_router_says_what_to_do_next(member: Client, reader: Client, atlas: Tenant) -> None:
    url = f"{HERE}networks/{lone(atlas).external_id}/"
    page = text(member.get(url))
    assert "No router is in it: its servers reach each other only." in page
    assert "Connect to main" in page
    assert "Create a router" in page
    seen = text(reader.get(url))
    assert "No router is in it" in seen
    assert "Connect to main" not in seen
    (connect, create) = member.get(url).context["next"]
    assert member.post(connect.url).status_code == 302
    assert the_operation().params == {"router_id": edge().external_id, "subnet_id": factories.ident("lone-subnet")}
    form = member.get(create.url).context["form"]
    assert form["subnet_ids"].value() == [factories.ident("lone-subnet")]


def test_a_router_is_asked_for_with_what_it_joins(member: Client, atlas: Tenant) -> None:
    lone(atlas)
    url = f"{HERE}routers/create/"
    form = member.get(url).context["form"]
    cards = {card["card"].title: card["card"].blocked for card in form["subnet_ids"].cards()}
    assert cards == {"app-net-v4": "Its router is main", "backup-net-v4": "Its router is main", "lone-v4": ""}
    sent = {"name": "edge", "external_network_id": net("public").external_id, "key": "k"}
    member.post(url, {**sent, "subnet_ids": [factories.ident("lone-subnet")]})
    assert the_operation().params["subnet_ids"] == [factories.ident("lone-subnet")]
    inside = member.post(url, {"name": "inner", "external_network_id": "inside", "key": "k2"})
    assert inside.status_code == 302
    assert Operation.objects.latest("asked_at").params["external_network_id"] == ""


def test_a_router_offers_what_fits_it(member: Client) -> None:
    url = f"{HERE}routers/{edge().external_id}/"
    answer = member.get(url).context
    assert [str(one.label) for one in answer["buttons"]] == ["Connect a subnet"]
    assert [str(one.label) for one in answer["more"]] == ["Lead elsewhere", "Close the way outside", "Delete"]
    assert "198.51.100.11, 198.51.100.24 lead through main. Disassociate them first." in text(
        member.get(f"{url}close/")
    )
    assert "lead through main" in text(member.get(f"{url}delete/"))
    FloatingIP.objects.update(router_id="", port_id="", server_id="")
    lines = member.get(f"{url}delete/").context["formats"][0].text.replace(" \\\n ", "")
    assert "router remove subnet main app-net-v4" in lines
    assert lines.endswith("router delete main")
    assert "Led outside again, it gets another one" in text(member.get(f"{url}close/"))
    assert member.post(f"{url}close/", {"key": "k"}).status_code == 302
    assert the_operation().action == "clear-router-gateway"
    Router.objects.update(external_network_id="", external_addresses=[])
    answer = member.get(url).context
    assert [str(one.label) for one in answer["buttons"]] == ["Connect a subnet", "Lead outside"]
    assert (
        member.post(f"{url}gateway/", {"external_network_id": net("public").external_id, "key": "g"}).status_code == 302
    )


def test_a_subnet_leaves_its_router_with_one_click(member: Client) -> None:
    FloatingIP.objects.update(router_id="")
    interfaces = member.get(f"{HERE}routers/{edge().external_id}/").context["interfaces"]
    (action,) = interfaces[0]["actions"]
    assert member.post(action.url)["Location"].startswith(f"{HERE}routers/{edge().external_id}/?op=")
    assert the_operation().action == "disconnect-subnet"


def test_what_a_button_asks_for_and_can_not_be_is_said(member: Client) -> None:
    interfaces = member.get(f"{HERE}routers/{edge().external_id}/").context["interfaces"]
    response = member.post(interfaces[0]["actions"][0].url)
    assert response.status_code == 422
    assert "198.51.100.11, 198.51.100.24 lead through main" in text(response)


def test_a_router_takes_a_subnet_that_fits(member: Client, atlas: Tenant) -> None:
    lone(atlas)
    url = f"{HERE}routers/{edge().external_id}/connect/"
    page = text(member.get(url))
    assert "app-net-v4, 10.0.4.0/24, in app-net (It is connected already)" in page
    assert member.post(url, {"subnet_id": factories.ident("lone-subnet"), "key": "k"}).status_code == 302
    assert member.post(url, {"subnet_id": factories.ident("atlas@north/subnet/app-net"), "key": "l"}).status_code == 422


def test_limits_that_no_service_has_told_refuse_nothing(member: Client) -> None:
    Limit.objects.filter(measure__in=[Measure.NETWORKS, Measure.SUBNETS]).delete()
    assert member.post(CREATE, fill()).status_code == 302
