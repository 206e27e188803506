"""Log in and out as a person does, in a real browser with the site's real security headers."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from portal.idp.cast import PASSWORD
from tests.support.stack import Stack

pytestmark = pytest.mark.browser

Axe = Callable[[Page], list[str]]
END = """
from portal.identity import models, vault
vault.end(models.Grant.objects.get(session_key="{}").pk, models.EndReason.REFUSED)
"""


def fill_in(page: Page, username: str = "member") -> None:
    page.get_by_label("User name").fill(username)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Log in", exact=True).click()


def session(page: Page) -> str:
    (value,) = [cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "meshdeck"]
    return value


def test_a_deep_link_is_kept_through_the_login(stack: Stack, page: Page) -> None:
    page.goto(f"{stack.url}/locations/?sort=name")
    assert page.url.startswith(stack.issuer)
    fill_in(page)
    expect(page).to_have_url(f"{stack.url}/locations/?sort=name")
    expect(page.locator("#account")).to_be_visible()


def test_two_tabs_keep_their_own_way(stack: Stack, page: Page) -> None:
    """The second tab's form is expired by the first one's login: the provider continues all the same."""
    other = page.context.new_page()
    page.goto(f"{stack.url}/locations/?tab=1")
    other.goto(f"{stack.url}/locations/?tab=2")
    fill_in(page)
    expect(page).to_have_url(f"{stack.url}/locations/?tab=1")
    fill_in(other)
    expect(other).to_have_url(f"{stack.url}/locations/?tab=2")


def test_logging_out_ends_it_here_and_at_the_provider(stack: Stack, page: Page, axe: Axe) -> None:
    stack.log_in(page, "member")
    stack.log_out(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text("logged out here and at")
    assert axe(page) == []
    page.get_by_role("link", name="Log in").click()
    expect(page.get_by_label("Password", exact=True)).to_be_visible()  # the provider asks again


def test_another_person_in_the_same_browser_is_another_person(stack: Stack, page: Page) -> None:
    stack.log_in(page, "admin", "/operator/")
    expect(page.get_by_role("heading", name="Operate")).to_be_visible()
    page.goto(stack.url)
    stack.log_out(page)
    page.get_by_role("link", name="Log in").click()
    fill_in(page, "stranger")
    expect(page.locator("#account summary")).to_have_accessible_name("Account of stranger")
    answer = page.goto(f"{stack.url}/operator/")
    assert answer is not None
    assert answer.status == 404


def test_an_open_page_goes_to_the_login_by_itself_when_its_session_is_over(stack: Stack, page: Page) -> None:
    """The provider's own session is still valid, so the browser returns at once: nobody sees a broken fragment."""
    stack.log_in(page, "member", "/?deep=link")
    before = session(page)
    stack.manage("shell", "--command", END.format(before))
    with page.expect_navigation(url=f"{stack.url}/?deep=link", timeout=20_000):
        page.mouse.move(200, 200)
    assert session(page) != before
    expect(page.locator("#account")).to_be_visible()


def test_the_session_cookie_is_out_of_reach_of_scripts(stack: Stack, page: Page) -> None:
    stack.log_in(page, "member")
    cookies = {cookie["name"]: cookie for cookie in page.context.cookies()}
    for name in ("meshdeck", "meshdeck-csrf"):
        assert cookies[name]["httpOnly"]
        assert cookies[name]["sameSite"] == "Lax"
        assert cookies[name]["value"] not in page.evaluate("document.cookie")
    assert not any(name.startswith("meshdeck-login-") for name in cookies)  # used up


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_login_that_is_not_valid_has_a_page_of_its_own(stack: Stack, browser: Browser, axe: Axe, scheme: str) -> None:
    context = browser.new_context(color_scheme="dark" if scheme == "dark" else "light")
    page = context.new_page()
    page.goto(f"{stack.url}/oidc/callback/?code=made-up&state=made-up")
    expect(page.get_by_role("heading", level=1)).to_have_text("This login is no longer valid")
    assert axe(page) == []
    page.goto(f"{stack.url}/logged-out/")
    assert axe(page) == []
    context.close()
