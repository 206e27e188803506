"""Every page in a real browser: accessible in both themes, never wider than a phone, current by itself."""

from collections.abc import Callable, Mapping
from typing import Literal

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from projects.models import Change, Discovery, Tenant
from services.compute.models import Server
from tests import factories
from tests.browser.conftest import COLOURS, RULES

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

Axe = Callable[..., list[str]]


def ident(name: str) -> str:
    return factories.ident(f"atlas@north/{name}")


NORTH = "/atlas@north/"
VERBS = ("attach", "extend", "snapshot", "edit", "delete")
PAGES = [
    "/",
    "/projects/atlas/",
    NORTH,
    f"{NORTH}?as=table",
    "/atlas@south/",
    f"{NORTH}changes/",
    f"{NORTH}servers/",
    f"{NORTH}servers/?status=ACTIVE",
    f"{NORTH}servers/?q=nothing",
    "/atlas@south/servers/",
    f"{NORTH}servers/{ident('server/web-01')}/?to=443",
    f"{NORTH}servers/{ident('server/worker-07')}/",
    f"{NORTH}servers/{ident('server/old-01')}/",
    f"{NORTH}volumes/",
    f"{NORTH}volumes/{ident('volume/web-assets')}/",
    f"{NORTH}volumes/{ident('volume/logs-archive')}/",
    f"{NORTH}volumes/create/",
    f"{NORTH}volumes/create/?snapshot_id={ident('snapshot/pg-data-01-monday')}",
    *(f"{NORTH}volumes/{ident('volume/logs-archive')}/{verb}/" for verb in VERBS),
    f"{NORTH}volumes/{ident('volume/web-assets')}/detach/",
    f"{NORTH}volumes/{ident('volume/pg-data-01')}/delete/",
    f"{NORTH}volumes/bulk/detach/?ids={ident('volume/web-assets')}&ids={ident('volume/logs-archive')}",
    f"{NORTH}volumes/bulk/delete/?ids={ident('volume/logs-archive')}&ids={ident('volume/pg-data-01')}",
    f"{NORTH}snapshots/{ident('snapshot/pg-data-01-monday')}/revert/",
    f"{NORTH}snapshots/{ident('snapshot/pg-data-01-monday')}/delete/",
    f"{NORTH}snapshots/",
    f"{NORTH}snapshots/{ident('snapshot/pg-data-01-monday')}/",
    f"{NORTH}images/",
    f"{NORTH}images/{ident('image/Debian 13')}/",
    f"{NORTH}key-pairs/",
    f"{NORTH}key-pairs/member-laptop/",
    f"{NORTH}networks/",
    f"{NORTH}networks/{ident('network/app-net')}/",
    f"{NORTH}routers/",
    f"{NORTH}routers/{ident('router/main')}/",
    f"{NORTH}floating-ips/",
    f"{NORTH}floating-ips/{ident('floating/198.51.100.24')}/",
    f"{NORTH}networks/create/",
    f"{NORTH}networks/{ident('network/app-net')}/subnets/create/",
    f"{NORTH}networks/{ident('network/app-net')}/edit/",
    f"{NORTH}networks/{ident('network/backup-net')}/delete/",
    f"{NORTH}routers/create/",
    *(f"{NORTH}routers/{ident('router/main')}/{verb}/" for verb in ("gateway", "connect", "close", "delete")),
    f"{NORTH}floating-ips/create/",
    f"{NORTH}floating-ips/{ident('floating/198.51.100.27')}/associate/",
    f"{NORTH}floating-ips/{ident('floating/198.51.100.24')}/release/",
    f"{NORTH}floating-ips/bulk/release/?ids={ident('floating/198.51.100.24')}&ids={ident('floating/198.51.100.27')}",
    f"{NORTH}servers/{ident('server/web-02')}/connect/",
    f"{NORTH}servers/{ident('server/bastion')}/connect/",
    f"{NORTH}security-groups/",
    f"{NORTH}security-groups/{ident('group/web-public')}/",
    f"{NORTH}security-groups/create/",
    f"{NORTH}security-groups/{ident('group/app')}/rules/",
    f"{NORTH}security-groups/{ident('group/app')}/edit/",
    f"{NORTH}security-groups/{ident('group/app')}/delete/",
    f"{NORTH}security-groups/{ident('group/web-public')}/delete/",
    f"{NORTH}servers/{ident('server/web-01')}/groups/",
    f"{NORTH}servers/{ident('server/web-01')}/?tick={ident('group/app')}",
    f"{NORTH}containers/",
    f"{NORTH}containers/assets/",
    *(f"{NORTH}cli/?way={way}" for way in ("device", "token")),
    f"{NORTH}cli/?way=password&as=env",
    "/atlas@north-cf/cli/",
    "/borealis@north/snapshots/",
    "/locations/",
    "/locations/north/",
    "/locations/south/",
    "/locations/north-cf/",
    "/search/?q=web",
    "/api/",
    "/nothing-here/",
]


@pytest.fixture
def cast() -> factories.Cast:
    people = factories.cast(history=True)
    factories.down(people.south)
    factories.foundation(people)
    return people


def tab(browser: Browser, site: LiveServer, client: Client, person: object, **options: object) -> Page:
    factories.log_in(client, person)  # type: ignore[arg-type]
    profile = browser.new_context(base_url=site.url, **options)  # type: ignore[arg-type]
    profile.set_default_timeout(10_000)
    profile.add_cookies([{"name": "meshdeck", "value": client.cookies["meshdeck"].value, "url": site.url}])
    return profile.new_page()


# The themes differ only in colours (a class on the root), so everything else is checked once.
SCHEMES: dict[Literal["light", "dark"], Mapping[str, object]] = {"light": RULES, "dark": COLOURS}
# Ends all colour transitions.
SETTLED = """() => new Promise(done => requestAnimationFrame(() => {
  for (const one of document.getAnimations()) {
    if (one.effect.getTiming().iterations === Infinity) one.cancel(); else one.finish();
  }
  requestAnimationFrame(done);
}))"""


def dress(page: Page, scheme: Literal["light", "dark"]) -> None:
    """Set the page's theme and end its transitions."""
    page.emulate_media(color_scheme=scheme)
    expect(page.locator("html.pf-v6-theme-dark")).to_have_count(int(scheme == "dark"))
    page.evaluate(SETTLED)


def test_every_page_is_accessible_in_both_themes_keeps_to_the_policy_and_never_scrolls_sideways(
    browser: Browser, live_server: LiveServer, client: Client, cast: factories.Cast, axe: Axe
) -> None:
    factories.server(cast.atlas, "a-name-as-long-as-a-cloud-allows-" + "x" * 60, addresses=("2001:db8:0:1:2:3:4:5",))
    page = tab(browser, live_server, client, cast.member, color_scheme="light")
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text) if "404" not in message.text else None)
    found: dict[str, list[str]] = {}
    for address in PAGES:
        page.goto(address)
        for scheme, rules in SCHEMES.items():
            dress(page, scheme)
            if wrong := axe(page, rules):
                found[f"{address} {scheme}"] = wrong
        size = page.viewport_size
        assert size
        page.set_viewport_size({"width": 320, "height": 640})
        if (width := page.evaluate("document.documentElement.scrollWidth")) > 320:
            found[f"{address} narrow"] = [f"{width} px wide"]
        page.set_viewport_size(size)
    page.context.close()
    assert found == {}
    assert told == []


def test_a_stranger_gets_an_accessible_page_too(
    browser: Browser, live_server: LiveServer, client: Client, cast: factories.Cast, axe: Axe
) -> None:
    page = tab(browser, live_server, client, cast.stranger)
    page.goto("/")
    assert axe(page) == []
    Discovery.objects.filter(user=cast.stranger).delete()
    page.goto("/")
    expect(page.get_by_text("Looking for your projects in north, south and north-cf.")).to_be_visible()
    assert axe(page) == []
    page.context.close()


def test_a_change_in_the_cloud_appears_within_two_seconds_and_focus_stays(
    browser: Browser, live_server: LiveServer, client: Client, cast: factories.Cast
) -> None:
    page = tab(browser, live_server, client, cast.member)
    page.goto(f"{NORTH}servers/")
    link = page.get_by_role("link", name="db-01", exact=True)
    link.focus()
    Server.objects.filter(tenant=cast.atlas, name="web-03").update(status="ACTIVE")
    Tenant.objects.filter(pk=cast.atlas.pk).update(version=cast.atlas.version + 1)
    row = page.get_by_role("row").filter(has_text="web-03")
    expect(row.get_by_text("Running", exact=True)).to_be_visible(timeout=2500)
    expect(link).to_be_focused()
    page.context.close()


def test_the_tenant_page_tells_of_a_new_change_by_itself(
    browser: Browser, live_server: LiveServer, client: Client, cast: factories.Cast
) -> None:
    page = tab(browser, live_server, client, cast.member)
    page.goto(NORTH)
    Change.objects.filter(tenant=cast.atlas).delete()
    factories.change(cast.atlas, "server", "fresh-01", "appeared", 0)
    Tenant.objects.filter(pk=cast.atlas.pk).update(version=cast.atlas.version + 1)
    expect(page.get_by_text("fresh-01")).to_be_visible(timeout=2500)
    page.context.close()


def test_a_list_filters_while_one_types_and_keeps_it_in_the_address(
    browser: Browser, live_server: LiveServer, client: Client, cast: factories.Cast
) -> None:
    page = tab(browser, live_server, client, cast.member)
    page.goto(f"{NORTH}servers/?sort=-name")
    page.get_by_placeholder("Name, address, id or image").press_sequentially("web-", delay=30)
    expect(page.get_by_text("3 of 14 servers")).to_be_visible()
    assert "q=web-" in page.url
    assert "sort=-name" in page.url
    page.reload()
    expect(page.get_by_text("3 of 14 servers")).to_be_visible()
    page.context.close()


def test_the_palette_goes_to_a_server_by_its_address(
    browser: Browser, live_server: LiveServer, client: Client, cast: factories.Cast
) -> None:
    page = tab(browser, live_server, client, cast.member)
    page.goto("/")
    page.keyboard.press("Control+k")
    page.keyboard.type("10.0.4.22")
    expect(page.get_by_role("option").filter(has_text="db-02").first).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="db-02")).to_be_visible()
    page.context.close()
