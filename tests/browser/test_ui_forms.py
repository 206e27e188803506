"""Forms in a real browser: when they refuse, what they keep, and that they send only once."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import forms_site
from tests.browser.forms_site import SITE, Site, focused
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
def create(page: Page, origin: str, site: Site) -> Page:
    """Open the form that follows the typing."""
    page.goto(f"{origin}/ui/form/")
    return page


def test_a_refusal_appears_when_its_field_is_left_and_not_while_one_types(create: Page) -> None:
    create.click("#id_size")
    create.keyboard.type("480", delay=20)
    expect(create.locator("#left")).to_contain_text("1,040 GB, 40 GB over the limit")  # the response has arrived
    expect(create.locator("#id_size_field .md-err")).to_have_count(0)
    expect(create.locator("#id_size")).not_to_have_attribute("aria-invalid", "true")
    create.keyboard.press("Tab")
    expect(create.locator("#id_size_error")).to_contain_text("480 GB is 40 GB more than atlas has left")
    expect(create.locator("#id_size")).to_have_attribute("aria-invalid", "true")
    expect(create.locator("#id_size")).to_have_attribute("aria-describedby", "id_size_error")
    assert create.input_value("#id_size") == "480"
    assert focused(create) == "id_kind"


def test_a_refusal_goes_while_one_types_what_is_right_and_does_not_come_back_before_the_field_is_left(
    create: Page,
) -> None:
    create.fill("#id_size", "480")
    create.locator("#id_size").blur()
    expect(create.locator("#id_size_error")).to_be_visible()
    create.focus("#id_size")
    create.keyboard.press("End")
    create.keyboard.press("Backspace")
    expect(create.locator("#id_size_error")).to_have_count(0)
    expect(create.locator("#id_size_field .pf-m-error")).to_have_count(0)
    create.keyboard.type("9")
    expect(create.locator("#left")).to_contain_text("1,049 GB, 49 GB over the limit")
    expect(create.locator("#id_size_error")).to_have_count(0)


def test_the_way_on_fills_the_field_and_everything_follows(create: Page) -> None:
    create.fill("#id_size", "480")
    create.locator("#id_size").blur()
    create.get_by_role("button", name="Use 440 GB").click()
    assert create.input_value("#id_size") == "440"
    expect(create.locator("#id_size_error")).to_have_count(0)
    expect(create.locator("#left")).to_contain_text("560 + 440 of 1,000 GB")
    expect(create.locator("#left")).not_to_contain_text("over the limit")
    expect(create.locator("#command")).to_contain_text("--size=440")
    assert focused(create) == "id_size"


def test_what_is_typed_stays_under_the_hand(create: Page) -> None:
    create.click("#id_name")
    create.keyboard.type("data", delay=20)
    expect(create.locator("#command")).to_contain_text("data")
    create.keyboard.press("Home")
    create.keyboard.type("pg-", delay=200)  # responses arrive between the keys
    expect(create.locator("#command")).to_contain_text("pg-data")
    assert create.input_value("#id_name") == "pg-data"
    assert create.evaluate("document.activeElement.selectionStart") == 3


def test_nobody_is_blamed_for_a_field_not_reached_yet_and_the_foot_names_it(create: Page) -> None:
    create.fill("#id_size", "10")
    create.locator("#id_size").blur()
    expect(create.locator("#form-foot")).to_contain_text("Still needed: Name")
    expect(create.locator(".md-err")).to_have_count(0)
    button = create.get_by_role("button", name="Create and attach")
    expect(button).to_have_attribute("aria-disabled", "true")
    expect(button).to_have_attribute("aria-describedby", "form-needs")
    create.evaluate("window.same = true")
    button.click(force=True)  # Playwright treats aria-disabled as disabled
    expect(create.locator("#id_name_error")).to_have_text("Name is required.")
    expect(create.locator("#id_name")).to_be_focused()
    assert create.evaluate("window.same")  # checked in place, nothing was sent


def test_what_was_missing_is_given_and_the_first_click_sends(create: Page) -> None:
    create.fill("#id_size", "10")
    create.locator("#id_size").blur()
    button = create.get_by_role("button", name="Create and attach")
    expect(button).to_have_attribute("aria-disabled", "true")
    create.fill("#id_name", "data-01")
    button.click(force=True)  # before the page could know that nothing is missing any more
    create.wait_for_url("**/ui/list/?op=op-running")
    expect(create.locator("#drawer-title")).to_contain_text("Create volume")


def test_enter_in_a_field_sends_and_does_not_press_the_way_on(create: Page) -> None:
    create.fill("#id_name", "data-01")
    create.fill("#id_size", "480")
    create.locator("#id_size").blur()
    expect(create.locator("#id_size_error")).to_be_visible()
    create.fill("#id_size", "40")
    create.keyboard.press("Enter")
    create.wait_for_url("**/ui/list/?op=op-running")


def test_the_command_keeps_its_format(create: Page) -> None:
    create.get_by_text("Terraform").click()
    expect(create.locator("#command-openstack")).to_be_hidden()
    create.fill("#id_size", "77")
    expect(create.locator("#command-terraform")).to_contain_text("size = 77")
    expect(create.locator("#command-openstack")).to_be_hidden()
    create.get_by_label("Terraform").press("ArrowLeft")
    expect(create.locator("#command-openstack")).to_contain_text("--size=77")


def test_without_scripts_the_server_checks_and_keeps_what_was_typed(browser: Browser, origin: str) -> None:
    SITE.__init__()  # type: ignore[misc] # as new
    profile = browser.new_context(java_script_enabled=False)
    page = profile.new_page()
    page.goto(f"{origin}/ui/form/")
    page.fill("#id_size", "480")
    page.check("input[value=image]")
    page.get_by_role("button", name="Create and attach").click()
    expect(page.locator("#id_name_error")).to_have_text("Name is required.")
    expect(page.locator("#id_size_error")).to_contain_text("40 GB more")
    assert page.input_value("#id_size") == "480"
    assert page.is_checked("input[value=image]")
    expect(page.locator("#id_name")).to_be_focused()
    page.get_by_text("Terraform").click()
    expect(page.locator("#command-openstack")).to_be_hidden()
    page.fill("#id_name", "data-01")
    page.fill("#id_size", "40")
    page.get_by_role("button", name="Create and attach").click(force=True)
    expect(page).to_have_url(re.compile("op=op-running$"))
    page.check("[data-pick] >> nth=0")
    expect(page.locator("#bulk")).to_be_visible()
    expect(page.locator("[data-pick-all]")).to_be_hidden()
    page.goto(f"{origin}/live/")
    page.check("[value=web-2]")
    page.check("[value=web-4]")
    page.get_by_role("button", name="Stop").click()
    assert SITE.sent == [{"ids": ["web-2", "web-4"], "what": ["stop"]}]
    page.check("[value=web-3]")
    page.get_by_role("button", name="Delete").click()
    assert page.text_content("body") == "web-3"
    profile.close()


def test_a_double_click_sends_once(page: Page, origin: str, site: Site) -> None:
    page.goto(f"{origin}/slow/")
    page.locator("#b").evaluate("button => { button.click(); setTimeout(() => button.click(), 300); }")
    page.wait_for_timeout(800)
    assert len(site.sent) == 1
    page.wait_for_timeout(1000)
    with page.expect_response("**/slow/"):
        page.click("#b")  # the intended one
    assert len(site.sent) == 2
