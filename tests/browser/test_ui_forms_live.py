"""Forms on a page that keeps itself current: input is left alone, and what depends on it follows."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

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
def at_live(page: Page, origin: str, site: Site) -> Page:
    """Open the page that keeps itself current."""
    page.goto(f"{origin}/live/")
    expect(page.locator("#figure")).to_have_text("14")
    return page


def test_a_begun_form_is_left_alone_while_the_page_goes_on(at_live: Page, site: Site) -> None:
    at_live.fill("#id_size", "4")
    at_live.fill("#id_note", "typed")
    at_live.check("#id_source_1")
    at_live.select_option("#id_zone", "m")
    at_live.uncheck("#id_groups_0")
    at_live.check("#id_groups_1")
    at_live.fill("#name", "mine")
    expect(at_live.locator("#id_server option").first).to_have_text("server 1 in m")
    at_live.select_option("#id_server", "m-2")
    site.figure = 15
    expect(at_live.locator("#figure")).to_have_text("15")
    assert at_live.input_value("#id_size") == "4"
    assert at_live.input_value("#id_note") == "typed"
    assert at_live.is_checked("#id_source_1")
    assert at_live.input_value("#id_zone") == "m"
    assert at_live.input_value("#id_server") == "m-2"
    assert not at_live.is_checked("#id_groups_0")
    assert at_live.is_checked("#id_groups_1")
    assert at_live.input_value("#name") == "mine"
    # What the form began with is sent along, so that the server can tell who was first.
    assert at_live.input_value("[name=seen]") == "14"


def test_what_is_said_about_a_begun_form_follows_the_page(at_live: Page, site: Site) -> None:
    at_live.fill("#id_size", "4")
    expect(at_live.locator("#left-words")).to_have_text("4 of 10")
    at_live.evaluate(
        """() => {
            window.said = [];
            const left = document.querySelector('#left');
            new MutationObserver(() => window.said.push(left.textContent)).observe(
                left, {subtree: true, childList: true, characterData: true});
        }"""
    )
    site.left = 7
    expect(at_live.locator("#left-words")).to_have_text("4 of 7")
    # Not for a moment as if nothing had been requested.
    assert at_live.evaluate("window.said") == ["4 of 7"]
    assert at_live.input_value("#id_size") == "4"


def test_a_form_that_is_given_up_follows_the_page_again(at_live: Page, site: Site) -> None:
    at_live.fill("#name", "mine")
    at_live.check("#id_source_1")
    site.figure = 15
    expect(at_live.locator("#figure")).to_have_text("15")
    assert at_live.input_value("#name") == "mine"
    at_live.locator("#plain").evaluate("form => form.reset()")
    at_live.click("#reset")
    site.figure = 16
    expect(at_live.locator("#name")).to_have_value("16")
    expect(at_live.locator("[name=seen]")).to_have_value("16")
    assert at_live.is_checked("#id_source_0")


def test_a_form_that_nobody_has_begun_follows_the_page(at_live: Page, site: Site) -> None:
    site.figure = 15
    expect(at_live.locator("#name")).to_have_value("15")


def test_choices_that_depend_on_another_follow_it(at_live: Page) -> None:
    at_live.select_option("#id_server", "n-2")
    at_live.select_option("#id_zone", "m")
    expect(at_live.locator("#id_server option")).to_have_text(["server 1 in m", "server 2 in m"])
    at_live.fill("#id_size", "4")
    at_live.select_option("#id_server", "m-2")
    expect(at_live.locator("#left-words")).to_have_text("4 of 10")
    assert at_live.input_value("#id_server") == "m-2"
    assert at_live.input_value("#id_zone") == "m"


def test_ticks_tell_what_will_change(at_live: Page) -> None:
    groups = at_live.locator("#id_groups_field label")
    expect(groups.nth(0)).to_contain_text("on")
    expect(groups.nth(0).get_by_text("removing")).to_be_hidden()
    at_live.uncheck("#id_groups_0")
    at_live.check("#id_groups_1")
    expect(groups.nth(0).get_by_text("removing")).to_be_visible()
    expect(groups.nth(1).get_by_text("adding")).to_be_visible()


def test_picked_rows_are_counted_survive_the_page_and_are_sent(at_live: Page, site: Site) -> None:
    bar = at_live.locator("#bulk")
    expect(bar).to_be_hidden()
    at_live.check("[value=web-2]")
    at_live.check("[value=web-4]")
    expect(bar).to_contain_text("2 selected")
    expect(bar).to_contain_text("2 14")  # this many of this kind
    assert at_live.locator("[data-pick-all]").evaluate("box => box.indeterminate")
    site.figure = 15
    expect(at_live.locator("#figure")).to_have_text("15")
    expect(bar).to_contain_text("2 selected")
    expect(bar).to_contain_text("2 15")
    assert at_live.is_checked("[value=web-2]")
    at_live.click("[data-pick-all]")
    expect(bar).to_contain_text("5 selected")
    at_live.get_by_role("button", name="Clear").click()
    expect(bar).to_be_hidden()
    at_live.click("[value=web-2]")
    at_live.click("[value=web-4]", modifiers=["Shift"])
    expect(bar).to_contain_text("3 selected")
    at_live.get_by_role("button", name="Stop").click()
    at_live.wait_for_load_state()
    assert site.sent == [{"ids": ["web-2", "web-3", "web-4"], "what": ["stop"]}]
