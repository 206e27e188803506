"""The drawer of an operation and the menu of actions in a real browser."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser import forms_site
from tests.browser.forms_site import Site, focused
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


def test_the_drawer_opens_beside_a_list_that_stays_usable(page: Page, origin: str, site: Site) -> None:
    page.goto(f"{origin}/ui/list/")
    page.click("#open-op-failed")
    expect(page.locator("#drawer")).to_contain_text("north did not attach pg-data-02.")
    expect(page.locator("#drawer-title")).to_be_focused()
    assert page.url.endswith("/ui/list/?op=op-failed")
    page.check("[value=web-01]")
    expect(page.locator("#bulk")).to_contain_text("1 selected")
    page.get_by_role("button", name="Close").click()
    expect(page.locator("#drawer")).to_be_hidden()
    expect(page.locator("#open-op-failed")).to_be_focused()
    assert page.url.endswith("/ui/list/")
    page.click("#open-op-done")
    expect(page.locator("#drawer")).to_contain_text("In use as /dev/vdc")
    page.keyboard.press("Escape")
    expect(page.locator("#drawer")).to_be_hidden()
    expect(page.locator("#open-op-done")).to_be_focused()


def test_the_drawer_comes_back_with_the_address_and_stays_with_the_list(page: Page, origin: str, site: Site) -> None:
    page.goto(f"{origin}/ui/list/?op=op-running")
    expect(page.locator("#drawer")).to_contain_text("Attaching to db-01")
    assert focused(page) == ""
    page.get_by_role("link", name="Name").click()
    expect(page).to_have_url(re.compile(r"\?sort=-name&op=op-running$"))
    expect(page.locator("#drawer")).to_contain_text("Attaching to db-01")
    page.get_by_role("link", name="Open as page").click()
    expect(page.locator("h1")).to_contain_text("Create volume")


def test_the_drawer_follows_a_running_operation_until_it_ends(page: Page, origin: str, site: Site) -> None:
    page.goto(f"{origin}/live/?op=op-1")
    expect(page.locator("#drawer .working")).to_have_count(1)
    close = page.get_by_role("button", name="Close")
    close.focus()
    site.done = 1
    expect(page.locator("#drawer .done")).to_have_count(1)
    expect(close).to_be_focused()
    site.running = False
    expect(page.locator("#drawer .working")).to_have_count(0)
    looks = site.looks
    page.wait_for_timeout(1500)
    assert site.looks == looks


def test_a_hidden_page_asks_nothing_about_its_operation(page: Page, origin: str, site: Site) -> None:
    hide = """hidden => {
        Object.defineProperty(document, 'hidden', {get: () => hidden, configurable: true});
        document.dispatchEvent(new Event('visibilitychange'));
    }"""
    page.goto(f"{origin}/live/?op=op-1")
    expect(page.locator("#drawer .working")).to_have_count(1)
    site.patience = 0.4
    looks = site.looks
    while site.looks == looks:
        page.wait_for_timeout(20)
    page.evaluate(hide, True)  # while a response is pending
    looks = site.looks
    page.wait_for_timeout(2000)
    assert site.looks == looks
    site.patience = 0
    site.done = 2
    page.evaluate(hide, False)
    expect(page.locator("#drawer .done")).to_have_count(2)


def test_an_operation_that_is_not_there_closes_the_drawer(page: Page, origin: str, site: Site) -> None:
    page.goto(f"{origin}/live/?op=op-none")
    expect(page).to_have_url(f"{origin}/live/")
    expect(page.locator("#drawer")).to_be_hidden()


def test_on_a_phone_the_drawer_is_a_sheet_from_the_bottom(page: Page, origin: str, site: Site) -> None:
    page.emulate_media(reduced_motion="reduce")
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(f"{origin}/ui/list/?op=op-running")
    expect(page.locator("#drawer-title")).to_be_visible()
    box = page.locator("#drawer").bounding_box()
    assert box is not None
    assert (box["x"], box["width"], box["y"] + box["height"]) == (0, 390, 800)
    assert page.evaluate("document.getAnimations().length") == 0


def test_a_menu_says_why_something_can_not_be_done_now(page: Page, origin: str, site: Site) -> None:
    page.goto(f"{origin}/ui/detail/")
    page.focus("#page-menu summary")
    page.keyboard.press("Enter")
    expect(page.locator("#page-menu")).to_contain_text("Only a running or stopped server can be resized.")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.textContent").startswith("Resize")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{origin}/ui/detail/")
    page.keyboard.press("Escape")
    page.get_by_text("Stop", exact=True).click()
    expect(page.get_by_text("It is being resized: wait until that ends.")).to_be_visible()
