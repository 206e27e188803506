"""The command line's client at the built-in provider: device flow, code flow on a local port, both with consent."""

import time

import pytest
import requests

from tests.providers.builtin import IdentityProvider
from tests.providers.client import TIMEOUT, Client, follow, form_with, location, submit

DEVICE = "urn:ietf:params:oauth:grant-type:device_code"


def begin_device(client: Client) -> dict[str, str]:
    answer = requests.post(
        client.metadata["device_authorization_endpoint"],
        data={"client_id": client.client_id, "scope": "openid profile email groups offline_access"},
        timeout=TIMEOUT,
    )
    answer.raise_for_status()
    device: dict[str, str] = answer.json()
    return device


def logged_in(provider: IdentityProvider, username: str = "member") -> requests.Session:
    browser = requests.Session()
    provider.log_in(browser, provider.client().begin(), username)
    return browser


def test_a_device_is_let_in_by_its_code(identity_provider: IdentityProvider) -> None:
    client = identity_provider.command_line()
    device = begin_device(client)
    waiting = client.token(grant_type=DEVICE, device_code=device["device_code"])
    assert (waiting.status_code, waiting.json()["error"]) == (400, "authorization_pending")

    browser = logged_in(identity_provider)
    page = browser.get(device["verification_uri"], timeout=TIMEOUT)
    page = submit(browser, form_with(page, "code"), code=device["user_code"])
    assert device["user_code"] in page.text
    page = submit(browser, form_with(page, "action"), action="confirm")
    assert "Your terminal is logged in" in page.text

    time.sleep(1.1)  # the interval that the provider asks for
    tokens = client.token(grant_type=DEVICE, device_code=device["device_code"]).json()
    claims = client.claims(tokens["access_token"], audience="openstack")
    assert (claims["preferred_username"], claims["azp"]) == ("member", "meshdeck-cli")
    assert claims["groups"] == ["atlas-member", "borealis-member"]
    assert client.refresh(tokens["refresh_token"]).status_code == 200


def test_a_refused_device_gets_nothing(identity_provider: IdentityProvider) -> None:
    client = identity_provider.command_line()
    device = begin_device(client)
    browser = logged_in(identity_provider)
    page = browser.get(device["verification_uri_complete"], timeout=TIMEOUT)
    page = submit(browser, form_with(page, "action"), action="deny")
    assert "Access denied" in page.text
    answer = client.token(grant_type=DEVICE, device_code=device["device_code"])
    assert (answer.status_code, answer.json()["error"]) == (400, "access_denied")


def test_another_site_cannot_confirm_a_device(identity_provider: IdentityProvider) -> None:
    client = identity_provider.command_line()
    device = begin_device(client)
    browser = logged_in(identity_provider)
    forged = browser.post(device["verification_uri_complete"], data={"action": "confirm"}, timeout=TIMEOUT)
    assert forged.status_code == 403
    answer = client.token(grant_type=DEVICE, device_code=device["device_code"])
    assert answer.json()["error"] == "authorization_pending"


def test_a_wrong_device_code_is_refused_in_words(identity_provider: IdentityProvider) -> None:
    browser = logged_in(identity_provider)
    address = begin_device(identity_provider.command_line())["verification_uri"]
    page = browser.get(address, params={"code": "AAAA-AAAA"}, timeout=TIMEOUT)
    assert "This code is wrong or no longer valid." in page.text


def test_the_code_flow_asks_the_user_and_returns_to_any_local_port(identity_provider: IdentityProvider) -> None:
    client = identity_provider.command_line()
    browser = logged_in(identity_provider)
    attempt = client.begin()
    page = follow(browser, browser.get(attempt.url, allow_redirects=False, timeout=TIMEOUT))
    assert "Authorize Meshdeck CLI" in page.text
    form = form_with(page, "request", "scopes")
    # A browser sends one field per tick; the helper keeps one value per name.
    answer = browser.post(
        form.action,
        data=[
            ("csrfmiddlewaretoken", form.fields["csrfmiddlewaretoken"]),
            ("request", form.fields["request"]),
            *(("scopes", scope) for scope in ("openid", "profile", "email", "groups")),
            ("action", "grant"),
        ],
        allow_redirects=False,
        timeout=TIMEOUT,
    )
    address, query = location(answer)
    assert address == "http://127.0.0.1:45678/callback"
    tokens = client.exchange(attempt, query["code"]).json()
    assert client.claims(tokens["id_token"], audience="meshdeck-cli")["preferred_username"] == "member"


def test_a_refused_consent_says_so_to_the_client(identity_provider: IdentityProvider) -> None:
    browser = logged_in(identity_provider)
    attempt = identity_provider.command_line().begin()
    page = follow(browser, browser.get(attempt.url, allow_redirects=False, timeout=TIMEOUT))
    _, query = location(submit(browser, form_with(page, "request", "scopes"), action="cancel"))
    assert query == {"error": "access_denied", "state": attempt.state}


def test_a_public_client_must_use_pkce(identity_provider: IdentityProvider) -> None:
    browser = logged_in(identity_provider)
    client = identity_provider.command_line()
    bare = client.begin(code_challenge="").url  # left out or empty: the same (RFC 6749, section 3.1)
    answer = follow(browser, browser.get(bare, allow_redirects=False, timeout=TIMEOUT))
    _, query = location(answer)
    assert query["error"] == "invalid_request"


@pytest.mark.parametrize("grant", ["password", "client_credentials"])
def test_grants_that_go_around_the_second_factor_are_refused(identity_provider: IdentityProvider, grant: str) -> None:
    answer = identity_provider.client().token(grant_type=grant, username="member", password="demo", scope="openid")
    assert answer.status_code in (400, 401)
    assert "access_token" not in answer.json()
