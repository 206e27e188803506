"""Get Passcode in a real browser: one click after the login, then what cf does with the code."""

import re
from collections.abc import Callable, Iterator

import pytest
import redis
import requests
from playwright.sync_api import Page, expect

from tests.browser.conftest import Stack

pytestmark = [pytest.mark.browser, pytest.mark.cloud, pytest.mark.requires("chromium")]

CLI = "/atlas@north-cf/cli/"
TIMEOUT = 10


@pytest.fixture
def own_page(stack: Stack) -> Iterator[None]:
    """Switch the portal's own request off, so that the foundation's page shows the code."""
    stack.site.add_foundation()
    yield
    stack.site.add_foundation("--passcode-in-place")


def login(stack: Stack, code: str) -> requests.Response:
    """Log in as `cf login --sso-passcode` does."""
    form = {"grant_type": "password", "passcode": code}
    return requests.post(f"{stack.site.layout.uaa}/oauth/token", data=form, auth=("cf", ""), timeout=TIMEOUT)


def spaces(stack: Stack, answer: requests.Response) -> list[str]:
    """Return what `cf spaces` lists."""
    headers = {"Authorization": f"bearer {answer.json()['access_token']}"}
    told = requests.get(f"{stack.site.layout.foundation}/v3/spaces", headers=headers, timeout=TIMEOUT)
    return [one["name"] for one in told.json()["resources"]]


def at_the_space(page: Page) -> Page:
    """Click from the welcome page to the space, once it is found."""
    place = page.get_by_role("link", name=re.compile("north-cf.*Cloud Foundry"))
    expect(place).to_contain_text("org atlas, space production", timeout=30_000)
    place.click()
    expect(page).to_have_url(re.compile(f"{re.escape(CLI)}$"))
    return page


def test_one_click_after_the_login_shows_a_code_that_cf_logs_in_with(
    own_page: None, log_in: Callable[..., Page], stack: Stack
) -> None:
    page = at_the_space(log_in("member"))

    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Get Passcode").click()
    # Nothing is clicked or filled in here: the provider knows the browser.
    shown = opened.value.locator("#passcode")
    expect(shown).to_have_text(re.compile(r"^\w{32}$"))
    code = shown.inner_text()
    assert opened.value.evaluate("window.opener") is None

    answer = login(stack, code)
    assert (answer.status_code, spaces(stack, answer)) == (200, ["production"])
    assert login(stack, code).json() == {"error": "unauthorized", "error_description": "Invalid passcode"}


def test_a_second_click_gives_another_code_and_ends_the_first(
    own_page: None, log_in: Callable[..., Page], stack: Stack
) -> None:
    page = at_the_space(log_in("reader"))
    codes = []
    for _ in range(2):
        with page.context.expect_page() as opened:
            page.get_by_role("link", name="Get Passcode").click()
        codes.append(opened.value.locator("#passcode").inner_text())
    assert [login(stack, code).status_code for code in codes] == [401, 200]


def test_in_place_the_page_itself_shows_the_code_and_forgets_it_after_five_minutes(
    log_in: Callable[..., Page], stack: Stack
) -> None:
    page = at_the_space(log_in("member"))
    page.clock.install()
    get, code, said = page.locator("#get-passcode"), page.locator("#passcode-code"), page.locator("#passcode-said")

    # The foundation does not know the browser yet: one click still shows a code, on its own page.
    with page.context.expect_page() as opened:
        get.click()
    expect(opened.value.locator("#passcode")).to_have_text(re.compile(r"^\w{32}$"))
    opened.value.close()
    expect(said).to_contain_text("The next code comes here")
    expect(code).to_be_hidden()

    get.click()
    expect(code).to_have_text(re.compile(r"^\w{32}$"))
    value = code.inner_text().replace("\n", "").replace(" ", "")
    expect(page.locator("#passcode-ring")).to_have_attribute("aria-label", re.compile(r"^(5:00|4:5\d) left$"))
    line = page.locator("[data-passcode-copy]")
    url = stack.site.layout.foundation
    expect(line).to_have_attribute("data-copy", f"cf login -a={url} --sso-passcode={value}")
    expect(page.locator("[data-passcode-line]")).to_have_text(f"cf login -a={url} --sso-passcode={value}")
    page.locator("#copy-passcode").click()
    expect(page.locator("#announce")).to_have_text("Copied the passcode")

    page.clock.fast_forward(5 * 60 * 1000)
    expect(said).to_have_text("This code has ended. Get another.")
    expect(code).to_be_hidden()
    assert value not in page.content()
    expect(line).to_have_attribute("data-copy", f"cf login -a={url} --sso-passcode=CODE")


def test_a_code_is_nowhere_but_on_the_page(log_in: Callable[..., Page], stack: Stack) -> None:
    page = at_the_space(log_in("admin"))
    with page.context.expect_page() as opened:
        page.locator("#get-passcode").click()
    expect(opened.value.locator("#passcode")).to_be_visible()
    page.locator("#get-passcode").click()
    expect(page.locator("#passcode-code")).to_have_text(re.compile(r"^\w{32}$"))
    code = page.locator("#copy-passcode").get_attribute("data-copy")
    assert code

    token = login(stack, code).json()["access_token"]

    kept = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie, history.state])")
    assert code not in kept
    for file in stack.site.layout.state.rglob("*"):
        if file.is_file():
            there = file.read_bytes()
            assert code.encode() not in there, file
            assert token.encode() not in there, file
    with redis.Redis.from_url(stack.site.portal["MESHDECK_REDIS_URL"]) as client:
        for key in client.scan_iter(count=500):
            assert code.encode() not in (client.dump(key) or b""), key


def test_a_stranger_finds_no_space(log_in: Callable[..., Page], stack: Stack) -> None:
    page = log_in("stranger")
    expect(page.get_by_text("north-cf").first).to_be_visible(timeout=30_000)
    answer = page.goto(CLI)
    assert answer is not None
    assert answer.status == 404
