"""Logging in at the built-in provider by the authorization code flow with PKCE."""

import jwt
import pytest
import requests

from devcloud.cast import SUBJECTS
from tests.providers.builtin import IdentityProvider
from tests.providers.client import TIMEOUT, location


def test_discovery_names_the_issuer_and_only_addresses_below_it(identity_provider: IdentityProvider) -> None:
    metadata = identity_provider.client().metadata
    assert metadata["issuer"] == identity_provider.issuer
    addresses = [value for name, value in metadata.items() if name.endswith(("_endpoint", "_uri"))]
    assert len(addresses) >= 7
    assert all(address.startswith(f"{identity_provider.issuer}/") for address in addresses)
    assert metadata["code_challenge_methods_supported"] == ["S256"]
    assert metadata["response_types_supported"] == ["code"]
    assert metadata["id_token_signing_alg_values_supported"] == ["RS256"]


def test_published_keys_are_public_halves(identity_provider: IdentityProvider) -> None:
    keys = requests.get(identity_provider.client().metadata["jwks_uri"], timeout=TIMEOUT).json()["keys"]
    assert [key["kty"] for key in keys] == ["RSA"]
    assert not {"d", "p", "q", "dp", "dq", "qi"} & keys[0].keys()


def test_a_login_returns_to_the_client_with_code_and_state(identity_provider: IdentityProvider) -> None:
    attempt = identity_provider.client().begin()
    address, query = location(identity_provider.log_in(requests.Session(), attempt))
    assert address == identity_provider.redirect_uri
    assert query["state"] == attempt.state
    assert query["code"]


def test_tokens_carry_who_it_is_and_for_whom_they_are(identity_provider: IdentityProvider) -> None:
    client = identity_provider.client()
    tokens = identity_provider.tokens("admin")
    access = client.claims(tokens["access_token"], audience="openstack")
    groups = ["atlas-admin", "borealis-admin", "meshdeck-operators"]
    assert access["groups"] == groups
    assert (access["azp"], access["client_id"]) == ("portal", "portal")
    assert (access["preferred_username"], access["email"], access["name"]) == (
        "admin",
        "admin@example.org",
        "Ada Admin",
    )
    assert access["exp"] - access["iat"] == tokens["expires_in"] == 600
    assert jwt.get_unverified_header(tokens["access_token"])["alg"] == "RS256"

    identity = client.claims(tokens["id_token"], audience="portal")
    assert identity["sub"] == access["sub"]
    assert identity["groups"] == groups

    userinfo = requests.get(
        client.metadata["userinfo_endpoint"],
        headers={"Authorization": f"Bearer {tokens['access_token']}"},
        timeout=TIMEOUT,
    ).json()
    assert (userinfo["sub"], userinfo["groups"]) == (access["sub"], groups)


def test_the_demos_clouds_know_the_subjects_of_its_people(identity_provider: IdentityProvider) -> None:
    client = identity_provider.client()
    for name, subject in SUBJECTS.items():
        assert client.claims(identity_provider.tokens(name)["id_token"], audience="portal")["sub"] == subject


def test_an_id_token_is_not_for_a_cloud(identity_provider: IdentityProvider) -> None:
    tokens = identity_provider.tokens("member")
    with pytest.raises(jwt.InvalidAudienceError):
        identity_provider.client().claims(tokens["id_token"], audience="openstack")


def test_the_id_token_repeats_the_nonce(identity_provider: IdentityProvider) -> None:
    client = identity_provider.client()
    attempt = client.begin()
    _, query = location(identity_provider.log_in(requests.Session(), attempt))
    tokens = client.exchange(attempt, query["code"]).json()
    assert client.claims(tokens["id_token"], audience="portal")["nonce"] == attempt.nonce


def test_a_stranger_has_an_empty_list_of_groups(identity_provider: IdentityProvider) -> None:
    tokens = identity_provider.tokens("stranger")
    client = identity_provider.client()
    assert client.claims(tokens["access_token"], audience="openstack")["groups"] == []
    assert client.claims(tokens["id_token"], audience="portal")["groups"] == []


def test_a_wrong_verifier_is_refused(identity_provider: IdentityProvider) -> None:
    client = identity_provider.client()
    attempt = client.begin()
    _, query = location(identity_provider.log_in(requests.Session(), attempt))
    answer = client.exchange(attempt, query["code"], verifier="x" * 64)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


def test_a_code_works_once(identity_provider: IdentityProvider) -> None:
    client = identity_provider.client()
    attempt = client.begin()
    _, query = location(identity_provider.log_in(requests.Session(), attempt))
    assert client.exchange(attempt, query["code"]).status_code == 200
    again = client.exchange(attempt, query["code"])
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")


def test_a_code_is_worthless_without_the_clients_secret(identity_provider: IdentityProvider) -> None:
    client = identity_provider.client()
    attempt = client.begin()
    _, query = location(identity_provider.log_in(requests.Session(), attempt))
    client.secret = "not-the-secret-but-as-long-as-it-has-to-be"
    answer = client.exchange(attempt, query["code"])
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


@pytest.mark.parametrize(
    "redirect_uri",
    ["https://evil.example.org/oidc/callback/", "http://127.0.0.1:28000/elsewhere/", "http://127.0.0.1.evil.org/"],
)
def test_a_wrong_redirect_address_gets_a_page_and_no_redirect(
    identity_provider: IdentityProvider, redirect_uri: str
) -> None:
    browser = requests.Session()
    identity_provider.log_in(browser, identity_provider.client().begin())
    attempt = identity_provider.client().begin(redirect_uri=redirect_uri)
    answer = browser.get(attempt.url, allow_redirects=False, timeout=TIMEOUT)
    assert not answer.is_redirect
    assert "This request can't be completed" in answer.text


def test_scopes_that_the_client_does_not_have_are_refused(identity_provider: IdentityProvider) -> None:
    browser = requests.Session()
    identity_provider.log_in(browser, identity_provider.client().begin())
    attempt = identity_provider.client().begin("openid everything")
    _, query = location(browser.get(attempt.url, allow_redirects=False, timeout=TIMEOUT))
    assert query["error"] == "invalid_scope"


def test_a_second_login_needs_no_password(identity_provider: IdentityProvider) -> None:
    browser = requests.Session()
    identity_provider.log_in(browser, identity_provider.client().begin())
    attempt = identity_provider.client().begin()
    address, query = location(browser.get(attempt.url, allow_redirects=False, timeout=TIMEOUT))
    assert (address, query["state"]) == (identity_provider.redirect_uri, attempt.state)


def test_another_host_name_is_refused(identity_provider: IdentityProvider) -> None:
    answer = requests.get(
        f"{identity_provider.issuer}/.well-known/openid-configuration",
        headers={"Host": "evil.example.org"},
        timeout=TIMEOUT,
    )
    assert answer.status_code == 400
