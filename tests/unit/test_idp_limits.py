"""What the built-in provider does about guessing, and what it does not offer."""

import dataclasses
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


def attempt(provider: IdentityProvider, username: str, password: str, **headers: str) -> requests.Response:
    browser = requests.Session()
    browser.headers.update(headers)
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


@pytest.fixture(scope="module")
def proxied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[IdentityProvider]:
    """Return such a provider behind one proxy."""
    limits = {"LOGIN_RATE": "3/m/ip", "TRUSTED_PROXIES": "1"}
    with builtin.identity_provider(tmp_path_factory.mktemp("proxied"), **limits) as provider:
        yield provider


def test_rate_limit_counts_the_address_that_proxy_saw(proxied: IdentityProvider) -> None:
    def answers(*seen: str) -> list[int]:
        return [attempt(proxied, "member", "demo", **{"X-Forwarded-For": one}).status_code for one in seen]

    assert answers(*(f"203.0.113.{n}, 192.0.2.7" for n in range(4)))[-2:] == [200, 429]
    assert answers("192.0.2.7, 192.0.2.8") == [200]
    # Not an address: the connection's own counts, and is not let in without a limit or answered with a fault.
    assert answers("unknown", "unknown", "unknown", "x")[-2:] == [200, 429]


@pytest.mark.parametrize(
    ("given", "counted"),
    [
        ({}, "0"),
        ({"MESHDECK_TRUSTED_PROXIES": "2"}, "2"),
        ({"MESHDECK_TRUSTED_PROXIES": "2", "MESHDECK_IDP_TRUSTED_PROXIES": "1"}, "1"),
    ],
)
def test_portal_and_provider_agree_on_number_of_proxies(
    identity_provider: IdentityProvider, given: dict[str, str], counted: str
) -> None:
    provider = dataclasses.replace(identity_provider, environment={**identity_provider.environment, **given})
    code = "from django.conf import settings; print(settings.TRUSTED_PROXIES)"
    assert provider.manage("shell", "--no-imports", "-c", code).split() == [counted]


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
