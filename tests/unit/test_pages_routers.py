"""Routers: what they join, where they lead, and the ways between them and their networks."""

import csv
import io

import pytest
from django.test import Client

from services.network.models import FloatingIP, Network, Port, Router
from tests import factories

pytestmark = pytest.mark.django_db

LIST = "/atlas@north/routers/"


@pytest.fixture
def cast(client: Client) -> factories.Cast:
    people = factories.cast()
    factories.log_in(client, people.member)
    return people


@pytest.fixture
def main(cast: factories.Cast) -> Router:
    return Router.objects.get(tenant=cast.atlas)


@pytest.fixture
def inner(cast: factories.Cast, main: Router) -> Router:
    """Another router, which joins nothing and leads nowhere."""
    return Router.objects.create(
        tenant=cast.atlas,
        external_id=factories.ident("inner"),
        name="inner",
        status="DOWN",
        admin_state_up=False,
        first_seen_at=main.first_seen_at,
        changed_at=main.changed_at,
    )


def names(client: Client, address: str = LIST) -> list[str]:
    return [router.name for router in client.get(address).context["page"]]


def test_the_list_says_what_each_joins_and_where_it_leads(client: Client, main: Router, inner: Router) -> None:
    rows = {one["router"].name: one for one in client.get(LIST).context["rows"]}
    assert sorted(network["name"] for network in rows["main"]["networks"]) == ["app-net", "backup-net"]
    assert rows["main"]["outside"] == "public"
    assert (rows["inner"]["networks"], rows["inner"]["outside"]) == ([], "")
    page = client.get(LIST).content.decode()
    assert "Down" in page
    assert 'data-copy="198.51.100.2"' in page


def test_routers_are_filtered_and_found(client: Client, main: Router, inner: Router) -> None:
    assert names(client, f"{LIST}?way=outside") == ["main"]
    assert names(client, f"{LIST}?way=inside") == ["inner"]
    assert names(client, f"{LIST}?status=DOWN") == ["inner"]
    assert names(client, f"{LIST}?q=198.51.100.2") == ["main"]
    assert names(client, f"{LIST}?sort=-name") == ["main", "inner"]


def test_csv_has_the_way_outside(client: Client, main: Router) -> None:
    (row,) = csv.DictReader(io.StringIO(client.get(f"{LIST}?format=csv").content.decode()))
    assert (row["name"], row["external_addresses"]) == ("main", "198.51.100.2")


def test_the_page_has_its_interfaces_its_gateway_and_what_leads_through_it(
    client: Client, cast: factories.Cast, main: Router
) -> None:
    answer = client.get(f"{LIST}{main.external_id}/")
    found = [
        (one["network"], [(address, subnet.cidr) for address, subnet in one["addresses"]])
        for one in answer.context["interfaces"]
    ]
    assert found == [
        ("app-net", [("10.0.4.1", "10.0.4.0/24")]),
        ("backup-net", [("192.168.20.1", "192.168.20.0/24")]),
    ]
    page = answer.content.decode()
    public = Network.objects.get(tenant=cast.atlas, name="public")
    assert f'<a href="/atlas@north/networks/{public.external_id}/">public</a>' in page
    through = FloatingIP.objects.filter(tenant=cast.atlas, router_id=main.external_id).count()
    assert through == 2
    assert {fact.label: fact.value for fact in answer.context["facts"]}["Floating IPs"] == "2"


def test_a_router_on_several_hosts_joins_its_networks_too(client: Client, cast: factories.Cast, main: Router) -> None:
    """Neutron gives the ports of such routers another owner, and the port by which the hosts agree is no interface."""
    ports = Port.objects.filter(tenant=cast.atlas, device_id=main.external_id)
    assert ports.update(device_owner="network:ha_router_replicated_interface") == 2
    ports.filter(network_id=factories.ident("atlas@north/network/backup-net")).update(
        device_owner="network:router_ha_interface"
    )
    (row,) = client.get(LIST).context["rows"]
    assert [network["name"] for network in row["networks"]] == ["app-net"]
    interfaces = client.get(f"{LIST}{main.external_id}/").context["interfaces"]
    assert [one["network"] for one in interfaces] == ["app-net"]


def test_pages_of_networks_lead_to_their_router(client: Client, cast: factories.Cast, main: Router) -> None:
    link = f'/routers/{main.external_id}/">main</a>'
    assert link in client.get("/atlas@north/networks/").content.decode()
    page = client.get(f"/atlas@north/networks/{factories.ident('atlas@north/network/app-net')}/").content.decode()
    assert link in page
    assert f'href="/atlas@north/routers/{main.external_id}/">router main</a>' in page  # in the list of ports


def test_the_search_and_the_changes_lead_to_routers(client: Client, cast: factories.Cast, main: Router) -> None:
    groups = client.get("/search/", {"q": "198.51.100.2"}).context["groups"]
    found = {item.url for group in groups for item in group.items}
    assert f"{LIST}{main.external_id}/" in found
    factories.change(cast.atlas, "router", "main", "appeared", 3, external_id=main.external_id)
    assert f'href="{LIST}{main.external_id}/"' in client.get("/atlas@north/changes/").content.decode()


def test_the_menu_counts_routers(client: Client, cast: factories.Cast) -> None:
    groups = client.get(LIST).context["shell"].groups
    assert [(item.label, item.count) for group in groups for item in group.items if item.key == "routers"] == [
        ("Routers", 1)
    ]
