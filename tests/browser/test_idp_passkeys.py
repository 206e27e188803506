"""Passkeys at the built-in provider, in a real browser with a virtual authenticator."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from portal.idp.cast import PASSWORD
from tests.providers import builtin
from tests.providers.builtin import IdentityProvider

pytestmark = [pytest.mark.browser, pytest.mark.requires("chromium")]


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[IdentityProvider]:
    """Run the provider at a host name: browsers keep no passkeys for an IP address."""
    with builtin.identity_provider(tmp_path_factory.mktemp("passkeys"), host="localhost") as running:
        yield running


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Open a page whose browser has a fingerprint reader that always confirms."""
    context = browser.new_context()
    page = context.new_page()
    devtools = context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    yield page
    context.close()


def log_in(page: Page, provider: IdentityProvider, username: str) -> None:
    page.goto(f"{provider.issuer}/login/")
    page.get_by_label("User name").fill(username)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Log in", exact=True).click()
    expect(page.get_by_role("heading", name="Your account")).to_be_visible()


def test_a_passkey_is_added_and_then_logs_in_without_a_password(provider: IdentityProvider, page: Page) -> None:
    log_in(page, provider, "member")
    page.get_by_role("link", name="Add passkey").click()
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Name").fill("Laptop")
    page.get_by_role("button", name="Add passkey").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()

    page.get_by_role("button", name="Log out").click()
    page.goto(provider.client().begin().url)
    # Nothing listens at the callback in this test: it is enough that the browser is sent there with a code.
    with page.expect_request(lambda request: request.url.startswith(f"{provider.redirect_uri}?code=")):
        page.get_by_role("button", name="Use a passkey").click()


def test_without_a_passkey_the_page_says_so_and_the_password_still_works(
    provider: IdentityProvider, page: Page
) -> None:
    page.goto(f"{provider.issuer}/login/")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_text("No passkey was used")).to_be_visible()
    log_in(page, provider, "reader")


def test_a_bare_address_offers_no_passkeys_and_says_why(identity_provider: IdentityProvider, page: Page) -> None:
    page.goto(f"{identity_provider.issuer}/login/")
    expect(page.get_by_role("button", name="Use a passkey")).to_have_count(0)
    log_in(page, identity_provider, "reader")
    expect(page.get_by_text("Passkeys need a host name")).to_be_visible()
