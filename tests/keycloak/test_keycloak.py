"""A real Keycloak, set up as in docs/identity-providers.md, provides what the portal and the clouds need.

Not part of `make test`: run it with `make test-keycloak`. It skips, with the reason, if Keycloak can't be downloaded.
"""

import time

import requests

from tests.providers.client import TIMEOUT, Browser, location
from tests.providers.keycloak import Keycloak


def test_access_tokens_are_fit_for_a_cloud(provider: Keycloak) -> None:
    claims = provider.client().claims(provider.tokens("admin")["access_token"], audience="openstack")
    assert claims["azp"] == "portal"
    assert claims["preferred_username"] == "admin"
    assert claims["email"] == "admin@example.org"
    assert claims["sub"]
    assert sorted(claims["groups"]) == ["atlas-admin", "borealis-admin", "meshdeck-operators"]


def test_id_tokens_and_userinfo_carry_the_groups(provider: Keycloak) -> None:
    client, tokens = provider.client(), provider.tokens("reader")
    identity = client.claims(tokens["id_token"], audience="portal")
    userinfo = requests.get(
        client.metadata["userinfo_endpoint"],
        headers={"Authorization": f"Bearer {tokens['access_token']}"},
        timeout=TIMEOUT,
    ).json()
    assert identity["groups"] == userinfo["groups"] == ["atlas-reader"]
    assert identity["sub"] == userinfo["sub"]


def test_a_stranger_has_no_groups(provider: Keycloak) -> None:
    claims = provider.client().claims(provider.tokens("stranger")["access_token"], audience="openstack")
    assert "groups" not in claims  # Keycloak leaves an empty list out


def test_refresh_tokens_rotate(provider: Keycloak) -> None:
    client, tokens = provider.client(), provider.tokens("member")
    assert client.refresh(tokens["refresh_token"]).status_code == 200
    again = client.refresh(tokens["refresh_token"])
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")


def test_a_refresh_token_before_the_last_is_refused_too(provider: Keycloak) -> None:
    client, tokens = provider.client(), provider.tokens("member")
    newer = client.refresh(tokens["refresh_token"]).json()
    time.sleep(1.1)  # Keycloak compares issue times in whole seconds
    assert client.refresh(newer["refresh_token"]).status_code == 200
    again = client.refresh(tokens["refresh_token"])
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")


def test_a_login_without_pkce_is_refused(provider: Keycloak) -> None:
    attempt = provider.client().begin(code_challenge="", code_challenge_method="")
    _, query = location(requests.get(attempt.url, allow_redirects=False, timeout=TIMEOUT))
    assert query["error"] == "invalid_request"


def test_a_log_out_ends_the_session(provider: Keycloak) -> None:
    client, session = provider.client(), Browser()
    attempt = client.begin()
    _, query = location(provider.log_in(session, attempt))
    tokens = client.exchange(attempt, query["code"]).json()
    answer = session.get(
        client.metadata["end_session_endpoint"],
        params={"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": "http://127.0.0.1:28000/"},
        allow_redirects=False,
        timeout=TIMEOUT,
    )
    assert location(answer)[0] == "http://127.0.0.1:28000/"
    assert client.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"


def test_the_command_line_may_begin_a_device_login(provider: Keycloak) -> None:
    client = provider.command_line()
    answer = requests.post(
        client.metadata["device_authorization_endpoint"],
        data={
            "client_id": client.client_id,
            "scope": "openid offline_access",
            "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",  # RFC 7636, appendix B
            "code_challenge_method": "S256",
        },
        timeout=TIMEOUT,
    )
    assert answer.status_code == 200
    assert {"device_code", "user_code", "verification_uri"} <= answer.json().keys()
