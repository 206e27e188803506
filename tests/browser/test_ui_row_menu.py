"""The menu of a row, which is fetched when it is opened."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser import forms_site
from tests.browser.forms_site import Site
from tests.browser.serving import serving

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    """Serve the pages; yield the address."""
    with serving(forms_site.__name__) as address:
        yield address


@pytest.fixture
def site(page: Page) -> Iterator[Site]:
    yield from forms_site.as_new(page)


@pytest.fixture
def opener(page: Page, origin: str, site: Site) -> Locator:
    """Return the dots of a row."""
    page.goto(f"{origin}/ui/list/")
    return page.get_by_label("Actions for web-01")


def test_a_menu_is_fetched_when_it_is_opened(page: Page, opener: Locator) -> None:
    panel = page.locator("#row-menu")
    expect(panel).to_have_count(0)
    expect(opener).to_have_attribute("aria-expanded", "false")
    opener.click()
    expect(panel).to_contain_text("Resize")
    expect(opener).to_have_attribute("aria-expanded", "true")
    page.get_by_label("Actions for db-01").click()  # the row above, which the open menu does not cover
    expect(panel).to_have_count(1)
    expect(opener).to_have_attribute("aria-expanded", "false")
    page.click("h1")
    expect(panel).to_have_count(0)


def test_a_second_click_closes_the_menu(page: Page, opener: Locator) -> None:
    opener.click()
    expect(page.locator("#row-menu")).to_be_visible()
    opener.click()
    expect(page.locator("#row-menu")).to_have_count(0)


@pytest.mark.parametrize("key", ["Enter", "Space", "ArrowDown"])
def test_keys_open_walk_and_close_the_menu(page: Page, opener: Locator, key: str) -> None:
    opener.focus()
    page.keyboard.press(key)
    expect(page.locator("#row-menu")).to_be_visible()
    if key != "ArrowDown":
        page.keyboard.press("ArrowDown")
    entries = page.locator("#row-menu :is(a, button)")
    expect(entries.nth(0)).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(entries.nth(1)).to_be_focused()
    page.keyboard.press("End")
    expect(entries.last).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#row-menu")).to_have_count(0)
    expect(opener).to_be_focused()


def test_tab_goes_through_the_menu_and_leaves_it(page: Page, opener: Locator) -> None:
    opener.focus()
    page.keyboard.press("Enter")
    entries = page.locator("#row-menu :is(a, button)")
    expect(entries.nth(0)).to_be_visible()
    for n in range(entries.count()):
        page.keyboard.press("Tab")
        expect(entries.nth(n)).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("#row-menu")).to_have_count(0)


@pytest.mark.parametrize("width", [768, 1024, 1366])
def test_the_menu_stays_inside_the_window(page: Page, opener: Locator, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    opener.click()
    expect(page.locator("#row-menu")).to_be_visible()
    box = page.locator("#row-menu").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_what_the_server_says_of_a_menu_it_says_on_a_page(page: Page, opener: Locator) -> None:
    page.route("**/web-01/menu/", lambda route: route.fulfill(status=404, body="Gone"))
    opener.click()
    expect(page).to_have_url(re.compile("/web-01/menu/$"))


def test_a_server_that_is_away_is_told(page: Page, opener: Locator) -> None:
    page.route("**/web-01/menu/", lambda route: route.abort())
    opener.click()
    expect(page.locator("#announce")).to_have_text("Meshdeck did not answer. Open it again.")
    page.unroute("**/web-01/menu/")
    opener.click()
    expect(page.locator("#row-menu")).to_be_visible()


def test_without_scripts_the_dots_lead_to_the_menu(browser: Browser, origin: str) -> None:
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(f"{origin}/ui/list/")
    page.get_by_label("Actions for web-01").click()
    expect(page).to_have_url(f"{origin}/ui/list/web-01/menu/")
    expect(page.get_by_text("Resize")).to_be_visible()
    page.context.close()
