"""The pages that change networks, routers and floating IPs: what they offer, refuse and ask for."""

import json
from html import unescape
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from projects.models import (
    FloatingIP,
    Limit,
    Measure,
    Network,
    Operation,
    Port,
    Router,
    SecurityGroupRule,
    Server,
    Subnet,
    Tenant,
)
from tests import factories

pytestmark = pytest.mark.django_db

HERE = "/atlas@north/"
HOSTILE = "<img src=x onerror=alert(1)>"
LIVE = {"X-Meshdeck-Preview": "1"}


@pytest.fixture
def cast() -> factories.Cast:
    return factories.cast()


@pytest.fixture
def atlas(cast: factories.Cast) -> Tenant:
    return cast.atlas


@pytest.fixture
def member(client: Client, cast: factories.Cast) -> Client:
    factories.log_in(client, cast.member)
    return client


@pytest.fixture
def reader(cast: factories.Cast) -> Client:
    client = Client()
    factories.log_in(client, cast.reader)
    return client


def text(response: Any) -> str:
    """The page as it is read: plain spaces, no escapes."""
    return unescape(response.content.decode()).replace("\xa0", " ")


def the_operation() -> Operation:
    """The one that was asked for."""
    return Operation.objects.get()


def net(name: str = "app-net") -> Network:
    return Network.objects.get(tenant__project__slug="atlas", tenant__location__name="north", name=name)


def edge() -> Router:
    return Router.objects.get(tenant__project__slug="atlas", tenant__location__name="north")


def address(last: int) -> FloatingIP:
    return FloatingIP.objects.get(address=f"198.51.100.{last}")


def server(name: str) -> Server:
    return Server.objects.get(name=name)


def lone(atlas: Tenant, **values: Any) -> Network:
    """A network without a router, with one server in it: lone-01 at 10.0.6.9."""
    now = timezone.now()
    network_id, subnet_id = factories.ident("lone-net"), factories.ident("lone-subnet")
    made = Network.objects.create(**factories.seen(now, atlas, network_id, "lone-net"), status="ACTIVE", **values)
    shape = {"network_id": network_id, "cidr": "10.0.6.0/24", "gateway": "10.0.6.1"}
    Subnet.objects.create(**factories.seen(now, atlas, subnet_id, "lone-v4"), **shape)
    row = factories.server(atlas, "lone-01", addresses=("10.0.6.9",), groups=("ssh-office", "web-public"))
    Port.objects.create(
        **factories.seen(now, atlas, factories.ident("lone-port"), ""),
        network_id=network_id,
        device_id=row.external_id,
        device_owner="compute:nova",
        status="ACTIVE",
        mac="fa:16:3e:11:22:33",
        fixed_ips=[{"subnet_id": subnet_id, "address": "10.0.6.9"}],
        security_group_ids=[one["id"] for one in row.security_groups],
    )
    return made


def fill(**values: str) -> dict[str, str]:
    """A filled form of a new network."""
    return {"name": "shop-net", "cidr": "10.0.7.0/24", "connect": "inside", "dhcp": "on", "key": "k1", **values}


CREATE = f"{HERE}networks/create/"


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
    assert 'data-value="10.0.7.0/24"' in page or "Use 10.0.7.0/24" in page
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
    menu = {str(one.label): str(one.blocked) for one in member.get(f"{HERE}networks/").context["menu_of"](public)}
    assert menu["Delete"] == "It is the operator's way outside."
    page = text(member.get(f"{HERE}networks/{public.external_id}/delete/"))
    assert "public is the operator's way outside. It can be used, and not changed." in page


def test_a_network_without_a_router_says_what_to_do_next(member: Client, reader: Client, atlas: Tenant) -> None:
    url = f"{HERE}networks/{lone(atlas).external_id}/"
    page = text(member.get(url))
    assert "No router is in it: its servers reach each other only." in page
    assert "Connect to main" in page
    assert "Create a router" in page
    seen = text(reader.get(url))
    assert "No router is in it" not in seen or "Connect to main" not in seen
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
    assert "Somebody has changed meanwhile where 198.51.100.27 leads." in text(late)
    taken = member.post(url, {**sent, "end": "gone 10.0.4.18", "key": "k3"})
    assert taken.status_code == 422


def test_a_floating_ip_is_taken_off_its_server_with_one_click(member: Client) -> None:
    url = f"{HERE}floating-ips/{address(24).external_id}/"
    actions = {str(one.label): one for one in member.get(url).context["buttons"]}
    assert set(actions) == {"Lead to another server", "Disassociate"}
    assert member.post(actions["Disassociate"].url).status_code == 302
    assert the_operation().params == {
        "floating_ip_id": address(24).external_id,
        "was_port_id": address(24).port_id,
    }


def test_a_release_asks_for_the_address_and_says_who_loses_it(member: Client) -> None:
    url = f"{HERE}floating-ips/{address(24).external_id}/release/"
    page = text(member.get(url))
    assert "Type 198.51.100.24 to confirm" in page
    assert "Is not reachable at this address any more" in page
    assert member.post(url, {"typed": "198.51.100.27", "key": "k"}).status_code == 422
    assert not Operation.objects.exists()
    assert member.post(url, {"typed": "198.51.100.24", "key": "k"})["Location"].startswith(f"{HERE}floating-ips/")
    assert the_operation().action == "release-floating-ip"


def test_several_are_released_and_disassociated_at_once(member: Client) -> None:
    ids = [("ids", address(24).external_id), ("ids", address(27).external_id)]
    url = f"{HERE}floating-ips/bulk/release/?{urlencode(ids)}"
    page = text(member.get(url))
    assert "web-01 is not reachable at it any more" in page
    assert "Type 2 floating IPs to confirm" in page
    shown = member.get(url).context["shown"]
    assert member.post(url, {"shown": shown, "typed": "2 floating IPs", "key": "k"}).status_code == 302
    assert Operation.objects.filter(action="release-floating-ip").count() == 2
    plan = member.get(f"{HERE}floating-ips/bulk/disassociate/?{urlencode(ids)}").context["plan"]
    assert [str(row.thing) for row in plan.will] == ["198.51.100.24"]
    assert [row.against[0].text for row in plan.wont] == ["It leads nowhere."]


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
    assert "router create --external-gateway public lone-net-router" in lines
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
        (lambda: Network.objects.update(external=False), "has no network that leads outside"),
        (lambda: Network.objects.filter(name="lone-net").update(external=True), "is in lone-net itself"),
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
    assert link in member.get(f"{HERE}servers/").content.decode()


FORMS = {
    "networks/create/": {"name": HOSTILE, "description": HOSTILE, "cidr": HOSTILE, "gateway": HOSTILE},
    "networks/{net}/edit/": {"name": HOSTILE, "was": HOSTILE},
    "networks/{net}/delete/": {"typed": HOSTILE},
    "networks/{net}/subnets/create/": {"name": HOSTILE, "cidr": "10.9.0.0/24", "dns_servers": HOSTILE},
    "routers/create/": {"name": HOSTILE, "external_network_id": HOSTILE, "subnet_ids": HOSTILE},
    "routers/{edge}/gateway/": {"external_network_id": HOSTILE},
    "routers/{edge}/connect/": {"subnet_id": HOSTILE},
    "routers/{edge}/delete/": {"typed": HOSTILE},
    "floating-ips/create/": {"network_id": HOSTILE, "end": f"{HOSTILE} {HOSTILE}"},
    "floating-ips/{idle}/associate/": {"end": HOSTILE, "was": HOSTILE},
    "floating-ips/{idle}/release/": {"typed": HOSTILE},
    "servers/{server}/connect/": {"end": HOSTILE, "floating_ip_id": HOSTILE},
}


def url_of(path: str) -> str:
    ids = {
        "net": net("backup-net").external_id,
        "edge": edge().external_id,
        "idle": address(27).external_id,
        "server": server("web-02").external_id,
    }
    return HERE + path.format(**ids)


@pytest.mark.parametrize("path", FORMS)
def test_hostile_input_is_refused_or_shown_as_it_is(member: Client, path: str) -> None:
    response = member.post(url_of(path), {**FORMS[path], "key": HOSTILE})
    assert response.status_code in (302, 422)
    assert HOSTILE not in response.content.decode()


@pytest.mark.parametrize("path", FORMS)
def test_names_of_things_are_escaped_in_forms(member: Client, path: str) -> None:
    url, server_id = url_of(path), server("web-01").external_id
    for model in (Network, Subnet, Router, Server):
        model.objects.update(name=HOSTILE)
    FloatingIP.objects.update(description=HOSTILE, port_id="one", server_id=server_id)
    page = member.get(url).content.decode()
    assert HOSTILE not in page
    assert "&lt;img src=x" in page


@pytest.mark.parametrize("path", FORMS)
def test_a_reader_is_told_whom_to_ask_and_changes_nothing(reader: Client, path: str) -> None:
    for response in (reader.get(url_of(path)), reader.post(url_of(path), FORMS[path])):
        assert response.status_code == 403
        assert "Ask one of its admins" in text(response)
    assert not Operation.objects.exists()


def test_a_reader_sees_no_button(reader: Client) -> None:
    for path in (
        "networks/",
        "routers/",
        "floating-ips/",
        "networks/{net}/",
        "routers/{edge}/",
        "floating-ips/{idle}/",
    ):
        page = reader.get(url_of(path)).content.decode()
        for part in ("/create/", "/delete/", "/release/", "/associate/", "/do/", "/edit/", "bulk/"):
            assert f'{part}"' not in page, (path, part)
            assert f"{part}?" not in page, (path, part)


def test_forms_ask_the_database_the_same_for_many_as_for_few(member: Client, atlas: Tenant) -> None:
    def count(url: str) -> int:
        member.get(url)
        with CaptureQueriesContext(connection) as captured:
            assert member.get(url).status_code == 200
        return len(captured)

    paths = (
        "networks/create/",
        "routers/create/",
        "routers/{edge}/connect/",
        "floating-ips/create/",
        "networks/{net}/",
    )
    urls = {path: url_of(path) for path in paths}
    before = {path: count(url) for path, url in urls.items()}
    now = timezone.now()
    for n in range(20):
        network_id = factories.ident(f"many-{n}")
        Network.objects.create(**factories.seen(now, atlas, network_id, f"many-{n}"), status="ACTIVE")
        shape = {"network_id": network_id, "cidr": f"10.5.{n}.0/24", "gateway": f"10.5.{n}.1"}
        Subnet.objects.create(**factories.seen(now, atlas, factories.ident(f"sub-{n}"), f"sub-{n}"), **shape)
        gone = factories.seen(now, atlas, factories.ident(f"router-{n}"), f"router-{n}")
        Router.objects.create(**gone, status="ACTIVE", external_network_id=net("public").external_id)
        port = factories.seen(now, atlas, factories.ident(f"many-port-{n}"), "")
        Port.objects.create(**port, network_id=network_id, device_id=server("db-01").external_id, status="ACTIVE")
    assert {path: count(url) for path, url in urls.items()} == before


def test_limits_that_no_service_has_told_refuse_nothing(member: Client) -> None:
    Limit.objects.filter(measure__in=[Measure.NETWORKS, Measure.SUBNETS]).delete()
    assert member.post(CREATE, fill()).status_code == 302
