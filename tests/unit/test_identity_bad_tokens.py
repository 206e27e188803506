"""Tokens that a provider or an attacker could send: a clear page, never a 500, and nobody gets in."""

import base64
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from django.test import Client

from portal.identity.models import Grant, User
from tests.providers import hostile as providers
from tests.providers.hostile import Broken, HostileProvider, published
from tests.providers.login import log_in
from tests.unit.identity_cast import is_logged_in, refused

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class FromNow:
    """A time that is told when the token is made."""

    seconds: int

    def __call__(self) -> int:
        return int(time.time()) + self.seconds


def foreign_key(claims: dict[str, Any]) -> str:
    return jwt.encode(claims, providers.key(1), algorithm="RS256", headers={"kid": "one"})


def unknown_key(claims: dict[str, Any]) -> str:
    return jwt.encode(claims, providers.key(1), algorithm="RS256", headers={"kid": "two"})


def unsigned(claims: dict[str, Any]) -> str:
    return jwt.encode(claims, "", algorithm="none", headers={"kid": "one"})


def signed_with_the_public_key(claims: dict[str, Any]) -> str:
    """Return the classic confusion: the public key as the secret of an HMAC."""
    pem = (
        providers.key()
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    header, body = (
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()
        for part in ({"alg": "HS256", "kid": "one", "typ": "JWT"}, claims)
    )
    algorithm = jwt.get_algorithm_by_name("HS256")
    signature = algorithm.sign(f"{header}.{body}".encode(), pem)  # PyJWT's encode would refuse such a key
    return f"{header}.{body}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def signed_with_the_client_secret(claims: dict[str, Any]) -> str:
    return jwt.encode(claims, "only-for-tests-" + "0123456789abcdef" * 2, algorithm="HS256", headers={"kid": "one"})


def changed_on_the_way(claims: dict[str, Any]) -> str:
    header, _, signature = jwt.encode(claims, providers.key(), algorithm="RS256", headers={"kid": "one"}).split(".")
    body = base64.urlsafe_b64encode(json.dumps({**claims, "sub": "person-2"}).encode()).rstrip(b"=").decode()
    return f"{header}.{body}.{signature}"


def other_algorithm(claims: dict[str, Any]) -> str:
    """Return a good signature of a kind that the provider never announced."""
    return jwt.encode(claims, providers.key(), algorithm="RS512", headers={"kid": "one"})


def bearing_its_own_key(claims: dict[str, Any]) -> str:
    own = published(providers.key(1), "one")
    return jwt.encode(claims, providers.key(1), algorithm="RS256", headers={"kid": "one", "jwk": own})


def demanding(claims: dict[str, Any]) -> str:
    return jwt.encode(claims, providers.key(), algorithm="RS256", headers={"kid": "one", "crit": ["exp2"], "exp2": 1})


def rubbish(claims: dict[str, Any]) -> str:
    return "not.a.token"


@pytest.mark.parametrize(
    "sign",
    [
        foreign_key,
        unknown_key,
        unsigned,
        signed_with_the_public_key,
        signed_with_the_client_secret,
        changed_on_the_way,
        other_algorithm,
        bearing_its_own_key,
        demanding,
        rubbish,
    ],
)
def test_a_token_with_a_wrong_signature_is_refused(
    client: Client, hostile: HostileProvider, sign: Callable[[dict[str, Any]], str]
) -> None:
    hostile.sign = sign
    refused(client, log_in(client, hostile), 400, "can&#x27;t be trusted")
    assert not User.objects.exists()


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "another-client"},
        {"aud": ["another-client"]},
        {"aud": []},
        {"aud": None},
        {"aud": 7},
        {"aud": ["portal", "another-client"]},
        {"aud": ["portal", "another-client"], "azp": "another-client"},
        {"azp": "another-client"},
        {"iss": "https://evil.example.org"},
        {"iss": None},
        {"nonce": "of another login"},
        {"nonce": None},
        {"nonce": 7},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"sub": "x" * 256},
        {"exp": None},
        {"exp": "soon"},
        {"exp": {}},
        {"exp": FromNow(-90)},
        {"iat": None},
        {"iat": FromNow(3600)},
        {"nbf": FromNow(3600)},
        {"groups": {"atlas-admin": True}},
        {"groups": [1, 2]},
    ],
    ids=str,
)
def test_a_token_with_wrong_claims_is_refused(client: Client, hostile: HostileProvider, claims: dict[str, Any]) -> None:
    hostile.claims = claims
    refused(client, log_in(client, hostile), 400, "can&#x27;t be trusted")


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": FromNow(-20)},
        {"iat": FromNow(40)},
        {"aud": ["portal"]},
        {"aud": ["portal", "openstack"], "azp": "portal"},
        {"groups": None},
        {"groups": []},
        {"groups": "atlas-member"},
        {"email": None, "name": None, "preferred_username": None},
        {"name": "x" * 4000, "preferred_username": ["list"], "email": {"an": "object"}},
    ],
    ids=str,
)
def test_clocks_a_little_apart_and_sparse_profiles_are_let_in(
    client: Client, hostile: HostileProvider, claims: dict[str, Any]
) -> None:
    hostile.claims = claims
    assert log_in(client, hostile)["Location"] == "/"
    assert is_logged_in(client)
    assert not User.objects.get().is_staff


def test_keys_that_are_too_short_are_refused(client: Client, hostile: HostileProvider) -> None:
    hostile.keys = [published(providers.key(2, 1024), "one")]
    hostile.sign = lambda claims: jwt.encode(claims, providers.key(2, 1024), algorithm="RS256", headers={"kid": "one"})
    with pytest.warns(jwt.InsecureKeyLengthWarning):
        answer = log_in(client, hostile)
    refused(client, answer, 400, "can&#x27;t be trusted")


def test_a_new_key_of_the_provider_is_found(
    client: Client, hostile: HostileProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert log_in(client, hostile)["Location"] == "/"
    hostile.keys.append(published(providers.key(1), "two"))
    hostile.sign = unknown_key
    other = Client()
    refused_now = log_in(other, hostile)
    assert refused_now.status_code == 400
    assert hostile.asked("/keys") == 1  # made-up key ids do not make us ask each time
    monkeypatch.setattr("portal.identity.discovery.NEW_KEYS_SECONDS", 0)
    assert log_in(other, hostile)["Location"] == "/"
    assert hostile.asked("/keys") == 2


def test_a_new_key_that_can_not_be_had_is_the_providers_trouble(
    client: Client, hostile: HostileProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert log_in(Client(), hostile)["Location"] == "/"
    Grant.objects.all().delete()
    monkeypatch.setattr("portal.identity.discovery.NEW_KEYS_SECONDS", 0)
    hostile.sign, hostile.broken["/keys"] = unknown_key, Broken(500)
    refused(client, log_in(client, hostile), 503, "is not answering")


def test_userinfo_about_somebody_else_is_refused(client: Client, hostile: HostileProvider) -> None:
    hostile.claims = {"email": None}
    hostile.userinfo = {"sub": "person-2", "email": "admin@example.org", "groups": ["meshdeck-operators"]}
    refused(client, log_in(client, hostile), 400, "can&#x27;t be trusted")


def test_userinfo_adds_what_the_id_token_lacks_and_changes_nothing(client: Client, hostile: HostileProvider) -> None:
    hostile.claims = {"groups": None, "email": None}
    hostile.userinfo = {"sub": "person-1", "email": "m@example.org", "groups": ["meshdeck-operators"], "name": "Other"}
    log_in(client, hostile)
    user = User.objects.get()
    assert (user.email, user.is_staff, user.name) == ("m@example.org", True, "Mem Ber")


def test_a_provider_that_refuses_userinfo_still_logs_in(client: Client, hostile: HostileProvider) -> None:
    hostile.claims = {"groups": None}
    hostile.broken["/userinfo"] = Broken(401, b'{"error": "invalid_token"}')
    assert log_in(client, hostile)["Location"] == "/"
