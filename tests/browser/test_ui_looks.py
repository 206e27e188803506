"""The components that change things: accessible in both themes, and no wider than a phone."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser import forms_site
from tests.browser.conftest import COLOURS, RULES
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


PAGES = [
    "/ui/",
    "/ui/form/",
    "/ui/list/",
    "/ui/list/?op=op-running",
    "/ui/list/?op=op-failed",
    "/ui/list/?op=op-cancelled",
    "/ui/detail/",
    "/ui/operations/op-running/",
    "/ui/operations/op-failed/",
]


@pytest.mark.parametrize("address", PAGES)
def test_every_page_is_accessible_in_both_themes_and_never_scrolls_sideways(
    page: Page, origin: str, site: Site, address: str, axe: Callable[..., list[str]]
) -> None:
    page.emulate_media(reduced_motion="reduce", color_scheme="light")
    page.goto(f"{origin}{address}")
    if "op=" in address:
        expect(page.locator("#drawer-title")).to_be_visible()
    if "form" in address:
        page.get_by_role("button", name="Create and attach").click()
        expect(page.locator("#id_name_error")).to_be_visible()
    if "list" in address and "op=" not in address:
        page.check("[value=web-01]")
        page.get_by_label("Actions for web-03").click()
        expect(page.locator("#row-menu")).to_be_visible()
    for menu in page.locator("main details.md-pop").all()[-1:]:
        menu.evaluate("menu => { menu.open = true; }")
    assert axe(page, RULES) == []
    page.emulate_media(color_scheme="dark")
    page.wait_for_timeout(300)  # colours change within 120 ms
    assert axe(page, COLOURS) == []
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
