"""The life of tokens of the built-in provider: refresh, end, revocation, log out."""

import time
from collections.abc import Iterator

import pytest
import requests

from tests.providers import builtin
from tests.providers.builtin import IdentityProvider
from tests.providers.client import TIMEOUT, form_with, location, submit


def revoke(provider: IdentityProvider, token: str) -> requests.Response:
    return requests.post(
        provider.client().metadata["revocation_endpoint"],
        data={"token": token},
        auth=(provider.client_id, provider.client_secret),
        timeout=TIMEOUT,
    )


def userinfo(provider: IdentityProvider, access_token: str) -> int:
    return requests.get(
        provider.client().metadata["userinfo_endpoint"],
        headers={"Authorization": f"Bearer {access_token}"},
        timeout=TIMEOUT,
    ).status_code


def test_a_refresh_brings_a_new_access_token_for_the_same_person(identity_provider: IdentityProvider) -> None:
    client = identity_provider.client()
    first = identity_provider.tokens("reader")
    second = client.refresh(first["refresh_token"]).json()
    assert second["access_token"] != first["access_token"]
    claims = client.claims(second["access_token"], audience="openstack")
    assert (claims["preferred_username"], claims["groups"]) == ("reader", ["atlas-reader"])


def test_a_refresh_sees_groups_as_they_are_now(identity_provider: IdentityProvider) -> None:
    client = identity_provider.client()
    tokens = identity_provider.tokens("reader")
    change = "from django.contrib.auth.models import Group, User; User.objects.get(username='reader').groups.{}"
    identity_provider.manage("shell", "--command", change.format("clear()"))
    try:
        claims = client.claims(client.refresh(tokens["refresh_token"]).json()["access_token"], audience="openstack")
        assert claims["groups"] == []
    finally:
        identity_provider.manage("seed_idp")


def test_a_refresh_token_of_another_client_is_refused(identity_provider: IdentityProvider) -> None:
    tokens = identity_provider.tokens("reader")
    answer = identity_provider.command_line().refresh(tokens["refresh_token"])
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


def test_a_revoked_refresh_token_is_dead(identity_provider: IdentityProvider) -> None:
    tokens = identity_provider.tokens("reader")
    assert revoke(identity_provider, tokens["refresh_token"]).status_code == 200
    assert identity_provider.client().refresh(tokens["refresh_token"]).status_code == 400


def test_a_revoked_access_token_is_no_longer_answered(identity_provider: IdentityProvider) -> None:
    tokens = identity_provider.tokens("reader")
    assert userinfo(identity_provider, tokens["access_token"]) == 200
    assert revoke(identity_provider, tokens["access_token"]).status_code == 200
    assert userinfo(identity_provider, tokens["access_token"]) == 401


def test_a_switched_off_user_gets_no_more_tokens(identity_provider: IdentityProvider) -> None:
    tokens = identity_provider.tokens("reader")
    change = "from django.contrib.auth.models import User; User.objects.filter(username='reader').update(is_active={})"
    identity_provider.manage("shell", "--command", change.format(False))
    try:
        assert identity_provider.client().refresh(tokens["refresh_token"]).status_code == 400
    finally:
        identity_provider.manage("shell", "--command", change.format(True))


def test_a_log_out_with_the_id_token_ends_the_session_and_the_tokens(identity_provider: IdentityProvider) -> None:
    client, browser = identity_provider.client(), requests.Session()
    attempt = client.begin()
    _, query = location(identity_provider.log_in(browser, attempt))
    tokens = client.exchange(attempt, query["code"]).json()
    answer = browser.get(
        client.metadata["end_session_endpoint"],
        params={
            "id_token_hint": tokens["id_token"],
            "post_logout_redirect_uri": "http://127.0.0.1:28000/",
            "state": "kept",
        },
        allow_redirects=False,
        timeout=TIMEOUT,
    )
    assert location(answer) == ("http://127.0.0.1:28000/", {"state": "kept"})
    assert client.refresh(tokens["refresh_token"]).status_code == 400
    again = browser.get(client.begin().url, allow_redirects=True, timeout=TIMEOUT)
    form_with(again, "login", "password")


def test_log_out_ends_no_other_login_of_same_person(identity_provider: IdentityProvider) -> None:
    client, browser, other = identity_provider.client(), requests.Session(), requests.Session()

    def logged_in(where: requests.Session) -> dict[str, str]:
        attempt = client.begin()
        _, query = location(identity_provider.log_in(where, attempt))
        tokens: dict[str, str] = client.exchange(attempt, query["code"]).json()
        return tokens

    here, there = logged_in(browser), logged_in(other)
    renewed = {
        "here": client.refresh(here["refresh_token"]).json(),
        "there": client.refresh(there["refresh_token"]).json(),
    }
    browser.get(
        client.metadata["end_session_endpoint"],
        params={"id_token_hint": here["id_token"], "post_logout_redirect_uri": "http://127.0.0.1:28000/"},
        allow_redirects=False,
        timeout=TIMEOUT,
    )
    for ended in (here, renewed["here"]):
        assert userinfo(identity_provider, ended["access_token"]) == 401
    assert client.refresh(here["refresh_token"]).status_code == 400
    for alive in (there, renewed["there"]):
        assert userinfo(identity_provider, alive["access_token"]) == 200
    assert client.refresh(there["refresh_token"]).status_code == 200
    assert identity_provider.log_in(other, client.begin()).is_redirect, "its session at the provider is left alone"


def test_a_log_out_without_proof_asks_first(identity_provider: IdentityProvider) -> None:
    client, browser = identity_provider.client(), requests.Session()
    identity_provider.log_in(browser, client.begin())
    page = browser.get(client.metadata["end_session_endpoint"], params={"client_id": "portal"}, timeout=TIMEOUT)
    assert "Log out here too?" in page.text
    submit(browser, form_with(page, "action"), action="logout")
    again = browser.get(client.begin().url, allow_redirects=True, timeout=TIMEOUT)
    form_with(again, "login", "password")


def test_a_log_out_leads_to_no_foreign_address(identity_provider: IdentityProvider) -> None:
    tokens = identity_provider.tokens("reader")
    answer = requests.get(
        identity_provider.client().metadata["end_session_endpoint"],
        params={"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": "https://evil.example.org/"},
        allow_redirects=False,
        timeout=TIMEOUT,
    )
    assert not answer.is_redirect


@pytest.fixture(scope="module")
def hasty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[IdentityProvider]:
    state = tmp_path_factory.mktemp("hasty")
    with builtin.identity_provider(state, ACCESS_TOKEN_SECONDS="2", REFRESH_TOKEN_SECONDS="4") as provider:
        yield provider


def test_the_life_of_tokens_is_a_setting(hasty: IdentityProvider) -> None:
    tokens = hasty.tokens("member")
    assert tokens["expires_in"] == 2
    assert tokens["refresh_expires_in"] in (3, 4)
    time.sleep(2.5)
    assert userinfo(hasty, tokens["access_token"]) == 401
    renewed = hasty.client().refresh(tokens["refresh_token"])
    assert renewed.status_code == 200
    time.sleep(4.5)
    assert hasty.client().refresh(renewed.json()["refresh_token"]).json()["error"] == "invalid_grant"
