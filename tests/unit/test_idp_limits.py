"""What the built-in provider does about guessing, and what it does not offer."""

from collections.abc import Iterator

import pytest
import requests

from tests.providers import builtin
from tests.providers.builtin import IdentityProvider
from tests.providers.client import TIMEOUT, form_with, submit


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[IdentityProvider]:
    """Return a provider that lets one address try twelve times a minute."""
    with builtin.identity_provider(tmp_path_factory.mktemp("strict"), LOGIN_RATE="12/m/ip") as provider:
        yield provider


def attempt(provider: IdentityProvider, username: str, password: str) -> requests.Response:
    browser = requests.Session()
    page = browser.get(f"{provider.issuer}/login/", timeout=TIMEOUT)
    return submit(browser, form_with(page, "login", "password"), login=username, password=password)


def test_guessing_is_counted_then_paused_then_cut_off(strict: IdentityProvider) -> None:
    first = attempt(strict, "member", "guess")
    assert "Wrong user name or password. 4 more attempts, then logins are blocked for 5 minutes." in first.text
    rest = [attempt(strict, "member", "guess") for _ in range(4)]
    assert "That was the last attempt: wait 5 minutes" in rest[-1].text
    paused = attempt(strict, "member", "demo")
    assert "Too many attempts. Wait 5 minutes, then try again." in paused.text
    # Another name from the same address goes on until the address itself has tried too often.
    answers = [attempt(strict, "admin", "demo") for _ in range(8)]
    assert answers[0].status_code == 200
    assert "Too many attempts" not in answers[0].text
    assert answers[-1].status_code == 429
    assert "Too many requests came from your address in a short time." in answers[-1].text


def test_an_unknown_name_reads_like_a_wrong_password(identity_provider: IdentityProvider) -> None:
    known = attempt(identity_provider, "stranger", "guess").text
    unknown = attempt(identity_provider, "nobody", "guess").text
    words = "Wrong user name or password. 4 more attempts, then logins are blocked for 5 minutes."
    assert words in known
    assert words in unknown


@pytest.mark.parametrize("path", ["/signup/", "/password/reset/", "/email/", "/admin/"])
def test_there_is_no_way_in_but_the_login(identity_provider: IdentityProvider, path: str) -> None:
    answer = requests.get(f"{identity_provider.issuer}{path}", timeout=TIMEOUT)
    assert answer.status_code == 404
    assert "Page not found" in answer.text


@pytest.mark.parametrize("path", ["/login/", "/nothing", "/account/"])
def test_pages_allow_nothing_inline_and_nothing_foreign(identity_provider: IdentityProvider, path: str) -> None:
    answer = requests.get(f"{identity_provider.issuer}{path}", timeout=TIMEOUT)
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in f"{policy};"
    assert "unsafe" not in policy
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert " style=" not in answer.text
    assert "<style" not in answer.text


def test_a_login_page_never_leads_to_another_site(identity_provider: IdentityProvider) -> None:
    browser = requests.Session()
    page = browser.get(f"{identity_provider.issuer}/login/?next=https://evil.example.org/", timeout=TIMEOUT)
    answer = submit(browser, form_with(page, "login", "password"), login="member", password="demo")
    assert answer.url == f"{identity_provider.issuer}/account/"
