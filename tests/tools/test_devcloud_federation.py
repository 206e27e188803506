"""Log in to Keystone with an access token of the identity provider."""

from __future__ import annotations

import base64
import hmac
import json
import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import openstack
import pytest
import requests
from openstack.connection import Connection

from tests.cloud.conftest import Devcloud, trusting
from tests.support.issuer import Issuer, new_key

LOGIN = "/OS-FEDERATION/identity_providers/meshdeck/protocols/openid/auth"


class Keystone:
    """Keystone of one location, in plain HTTP."""

    def __init__(self, auth_url: str) -> None:
        self.url = auth_url

    def login(self, token: str | None, **headers: str) -> requests.Response:
        bearer = {"Authorization": f"Bearer {token}"} if token else {}
        return requests.post(self.url + LOGIN, headers=bearer | headers, timeout=30)

    def projects(self, token: str) -> set[str]:
        """Return the names of the projects that the bearer of an access token may use."""
        unscoped = self.login(token).headers["X-Subject-Token"]
        answer = requests.get(f"{self.url}/auth/projects", headers={"X-Auth-Token": unscoped}, timeout=30)
        return {project["name"] for project in answer.json()["projects"]}


@pytest.fixture(params=["north", "south"])
def location(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def keystone(devcloud: Devcloud) -> Keystone:
    return Keystone(devcloud.auth_url("north"))


def federated(devcloud: Devcloud, location: str, token: str, project: str) -> Connection:
    return openstack.connect(
        load_yaml_config=False,
        load_envvars=False,
        auth_type="v3oidcaccesstoken",
        auth_url=devcloud.auth_url(location),
        identity_provider="meshdeck",
        protocol="openid",
        access_token=token,
        project_name=project,
        project_domain_id="default",
        region_name=location,
    )


@pytest.mark.parametrize(
    ("group", "roles"),
    [
        ("atlas-admin", {"manager", "member", "reader"}),
        ("atlas-member", {"member", "reader"}),
        ("atlas-reader", {"reader"}),
    ],
)
def test_a_group_of_the_token_becomes_a_role(
    devcloud: Devcloud, issuer: Issuer, location: str, group: str, roles: set[str]
) -> None:
    token = issuer.token(sub=f"sub-{group}", groups=[group, "meshdeck-operators"])
    connection = federated(devcloud, location, token, "atlas")
    assert set(connection.session.auth.get_access(connection.session).role_names) == roles
    assert len(list(connection.compute.servers())) >= 5


def test_a_member_of_two_projects_sees_both(keystone: Keystone, issuer: Issuer) -> None:
    assert keystone.projects(issuer.token()) == {"atlas", "borealis"}


@pytest.mark.parametrize("groups", [[], ["strangers"], ["nickname-admin", "surname team", "x;atlas-admin", 7]])
def test_groups_that_mean_nothing_here_give_no_project(keystone: Keystone, issuer: Issuer, groups: list[Any]) -> None:
    assert keystone.projects(issuer.token(sub="sub-stranger", groups=groups)) == set()


def test_a_lost_group_is_gone_at_the_next_login(keystone: Keystone, issuer: Issuer) -> None:
    assert keystone.projects(issuer.token(sub="sub-leaver")) == {"atlas", "borealis"}
    assert keystone.projects(issuer.token(sub="sub-leaver", groups=["atlas-member"])) == {"atlas"}


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "portal"},
        {"aud": None},
        {"exp": 1},
        {"exp": None},
        {"nbf": int(time.time()) + 3600},
        {"iss": "http://127.0.0.1:1"},
        {"iss": None},
        {"sub": None},
        {"groups": None},
        {"email": None},
        {"preferred_username": None},
    ],
    ids=lambda changes: "-".join(f"{name}={value}" for name, value in changes.items()),
)
def test_a_token_with_a_wrong_claim_is_refused(keystone: Keystone, issuer: Issuer, changes: dict[str, Any]) -> None:
    assert keystone.login(issuer.token(**changes)).status_code == 401


def test_an_id_token_is_refused(keystone: Keystone, issuer: Issuer) -> None:
    assert keystone.login(issuer.token(aud="portal", nonce="n", at_hash="h")).status_code == 401


def test_a_foreign_key_is_refused(keystone: Keystone, issuer: Issuer) -> None:
    forged = jwt.encode(issuer.claims(), new_key(), algorithm="RS256", headers={"kid": "first"})
    assert keystone.login(forged).status_code == 401


def test_another_algorithm_is_refused(keystone: Keystone, issuer: Issuer) -> None:
    def encoded(content: bytes) -> str:
        return base64.urlsafe_b64encode(content).rstrip(b"=").decode()

    def unsigned(algorithm: str) -> str:
        header = json.dumps({"alg": algorithm, "kid": "first"})
        return f"{encoded(header.encode())}.{encoded(json.dumps(issuer.claims()).encode())}"

    # The classic confusion: the public key as the secret of a symmetric signature.
    secret = json.dumps(issuer.document("/keys")["keys"][0]).encode()
    symmetric = hmac.digest(secret, unsigned("HS256").encode(), "sha256")
    tokens = (unsigned("none") + ".", f"{unsigned('HS256')}.{encoded(symmetric)}")
    assert [keystone.login(token).status_code for token in tokens] == [401, 401]


def test_rubbish_and_nothing_are_refused(keystone: Keystone) -> None:
    assert [keystone.login(token).status_code for token in (None, "rubbish", "a.b.c")] == [401, 401, 401]


def test_headers_are_not_believed(keystone: Keystone, issuer: Issuer) -> None:
    spoofed = {
        "OIDC-ISS": issuer.url,
        "OIDC-SUB": "5ac1f7b0-member",
        "OIDC-PREFERRED-USERNAME": "member",
        "OIDC-EMAIL": "member@example.org",
        "OIDC-GROUPS": "atlas-admin",
        "Remote-User": "admin",
    }
    assert keystone.login(None, **spoofed).status_code == 401
    body = {"methods": ["openid"], "openid": {"identity_provider": "meshdeck", "protocol": "openid"}}
    answer = requests.post(
        f"{keystone.url}/auth/tokens", headers=spoofed, json={"auth": {"identity": body}}, timeout=30
    )
    assert answer.status_code == 401
    # With a good token they add nothing to it.
    unscoped = keystone.login(issuer.token(groups=["atlas-reader"]), **spoofed).json()["token"]
    assert len(unscoped["user"]["OS-FEDERATION"]["groups"]) == 1


def test_a_new_signing_key_is_found(keystone: Keystone, issuer: Issuer) -> None:
    # The cloud fetches keys at most every few seconds: wait until the previous tests' fetch is old enough.
    time.sleep(6)
    issuer.keys["second"] = new_key()
    assert keystone.login(issuer.token("second")).status_code == 201


def test_a_provider_that_is_down_is_told_apart_from_a_bad_token(devcloud: Devcloud, keystone: Keystone) -> None:
    with Issuer() as gone:
        token = gone.token()
    trusted = devcloud.status()["locations"]["north"]["issuers"]
    devcloud.run("up", "--location", "north", "--issuer", ",".join([*trusted, gone.url]))
    answer = keystone.login(token)
    devcloud.run("up", "--location", "north", "--issuer", ",".join(trusted))
    assert answer.status_code == 503
    assert gone.url in answer.json()["error"]["message"]
    assert keystone.login(token).status_code == 401


def test_an_application_credential_of_a_federated_user_works(devcloud: Devcloud, issuer: Issuer) -> None:
    person = federated(devcloud, "north", issuer.token(sub="sub-automation"), "atlas")
    credential = person.identity.create_application_credential(person.current_user_id, name=f"ci-{time.time()}")
    machine = openstack.connect(
        load_yaml_config=False,
        load_envvars=False,
        auth_type="v3applicationcredential",
        auth_url=devcloud.auth_url("north"),
        application_credential_id=credential.id,
        application_credential_secret=credential.secret,
        region_name="north",
    )
    assert {volume.name for volume in machine.block_storage.volumes()} >= {"pg-data-01"}


WEBSSO = (
    "/auth/OS-FEDERATION/identity_providers/meshdeck/protocols/openid/websso?origin=http://localhost:9990/auth/websso/"
)


def sent_off(keystone: Keystone, **headers: str) -> requests.Response:
    return requests.get(keystone.url + WEBSSO, headers=headers, allow_redirects=False, timeout=30)


def test_a_browser_is_sent_to_the_provider_whatever_it_claims_to_be(keystone: Keystone, issuer: Issuer) -> None:
    for headers in ({}, {"OIDC-SUB": "2", "OIDC-ISS": issuer.url, "X-Remote-User": "admin"}):
        answer = sent_off(keystone, **headers)
        assert answer.status_code == 302
        assert answer.headers["Cache-Control"] == "no-store"
        asked = urlsplit(answer.headers["Location"])
        query = {name: values[0] for name, values in parse_qs(asked.query).items()}
        assert f"{asked.scheme}://{asked.netloc}" == issuer.url
        assert (query["response_type"], query["client_id"], query["code_challenge_method"]) == (
            "code",
            "keystone",
            "S256",
        )
        assert query["redirect_uri"] == keystone.url.removesuffix("/v3") + "/oidc/redirect"


@pytest.mark.parametrize(
    ("query", "cookie", "said"),
    [
        ("state={state}&error=access_denied", True, "access_denied"),
        ("state={state}", True, "no code"),
        ("state=guessed&code=1", True, "not started in this browser"),
        ("code=1", True, "not started in this browser"),
        ("state={state}&code=1", False, "started in another browser"),
    ],
)
def test_nobody_comes_back_as_somebody_without_a_login_of_their_own(
    keystone: Keystone, issuer: Issuer, query: str, cookie: bool, said: str
) -> None:
    begun = sent_off(keystone)
    state = parse_qs(urlsplit(begun.headers["Location"]).query)["state"][0]
    headers = {"Cookie": begun.headers["Set-Cookie"].split(";")[0]} if cookie else {}
    back = keystone.url.removesuffix("/v3") + "/oidc/redirect?" + query.format(state=state)
    answer = requests.get(back, headers=headers, timeout=30)
    assert answer.status_code == 401
    assert said in answer.text


def test_a_provider_that_is_away_is_told_to_the_browser(devcloud: Devcloud, keystone: Keystone) -> None:
    provider = Issuer()
    with trusting(devcloud, provider.url, "--location", "north"):
        with provider:
            begun = sent_off(keystone)
        state = parse_qs(urlsplit(begun.headers["Location"]).query)["state"][0]
        back = keystone.url.removesuffix("/v3") + f"/oidc/redirect?state={state}&code=1"
        answer = requests.get(back, headers={"Cookie": begun.headers["Set-Cookie"].split(";")[0]}, timeout=30)
    assert answer.status_code == 503
    assert "ConnectionError" in answer.text
