"""Networks and access to the internet in a real browser: forms that follow, a refusal, the drawer, Undo."""

from collections.abc import Iterator

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from projects.models import Operation
from services.compute.models import Server
from services.network.models import FloatingIP
from tests import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NORTH = "/atlas@north/"


@pytest.fixture
def cast() -> factories.Cast:
    return factories.cast()


@pytest.fixture
def page(browser: Browser, live_server: LiveServer, client: Client, cast: factories.Cast) -> Iterator[Page]:
    factories.log_in(client, cast.member)
    profile = browser.new_context(base_url=live_server.url)
    profile.set_default_timeout(10_000)
    profile.add_cookies([{"name": "meshdeck", "value": client.cookies["meshdeck"].value, "url": live_server.url}])
    yield profile.new_page()
    profile.close()


def test_a_network_is_made_with_a_refusal_on_the_way(page: Page) -> None:
    page.goto(f"{NORTH}networks/")
    page.get_by_role("link", name="Create network").click()
    page.get_by_label("Name", exact=True).fill("shop-net")
    page.get_by_label("Addresses", exact=True).fill("10.0.4.0/24")
    page.get_by_label("Description").click()
    expect(page.get_by_text("overlaps with app-net-v4 (10.0.4.0/24), in which main is already")).to_be_visible()
    page.get_by_role("button", name="Use 10.0.1.0/24").click()
    expect(page.get_by_label("Addresses", exact=True)).to_have_value("10.0.1.0/24")
    expect(page.get_by_text("overlaps with app-net-v4")).to_be_hidden()
    page.get_by_text("By a new router").click()
    expect(page.locator("#command")).to_contain_text("shop-net-router")
    page.get_by_role("button", name="Create and connect").click()
    expect(page.locator("#drawer")).to_contain_text("Create network shop-net with a new router to public")
    assert Operation.objects.get().params["name"] == "shop-net"


def test_a_server_is_connected_to_the_internet_from_its_page(page: Page, cast: factories.Cast) -> None:
    server = Server.objects.get(tenant=cast.atlas, name="web-02")
    page.goto(f"{NORTH}servers/{server.external_id}/")
    page.locator(".md-facts").get_by_role("link", name="Connect to the internet").click()
    way = page.locator("#plan")
    expect(way).to_contain_text("198.51.100.27")
    page.get_by_label("Floating IP").select_option(label="A new one, of public")
    expect(way).to_contain_text("will be made")
    expect(page.locator("#left")).to_contain_text("3 + 1 of 10")
    expect(page.locator("#reach")).to_contain_text("443/tcp")
    page.get_by_role("button", name="Connect", exact=True).click()
    expect(page.locator("#drawer")).to_contain_text("Connect web-02 to the internet")
    assert Operation.objects.get().params["floating_ip_id"] == "new"


def test_a_floating_ip_goes_with_one_click_and_comes_back_by_undo(page: Page, cast: factories.Cast) -> None:
    floating = FloatingIP.objects.get(address="198.51.100.24")
    page.goto(f"{NORTH}floating-ips/{floating.external_id}/")
    page.get_by_role("button", name="Disassociate").click()
    expect(page.locator("#drawer")).to_contain_text("Disassociate 198.51.100.24")
    was = {"port_id": floating.port_id, "fixed_address": floating.fixed_address, "server_id": floating.server_id}
    Operation.objects.update(state=Operation.State.DONE, memory={"was": was})
    FloatingIP.objects.filter(pk=floating.pk).update(port_id="", fixed_address="", server_id="")
    page.reload()
    page.locator("#drawer").get_by_role("button", name="Undo").click()
    expect(page.locator("#drawer")).to_contain_text("Associate 198.51.100.24 with web-01")
    assert Operation.objects.latest("pk").params["port_id"] == floating.port_id
