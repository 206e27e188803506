"""Whatever a provider, an attacker or a bad day sends: a clear page, never a 500, and nobody gets in."""

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
from django.urls import reverse
from pytest_django.fixtures import Settings

from portal.identity import http, pending
from portal.identity.models import Grant, User
from tests.providers import hostile as providers
from tests.providers.hostile import Broken, HostileProvider, published
from tests.providers.login import begin, come_back, log_in

pytestmark = pytest.mark.django_db

CALLBACK = "/oidc/callback/"


def is_let_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def refused(client: Client, answer: Any, status: int, words: str) -> None:
    """The page says what is, shows the way on, and nobody is logged in."""
    text = answer.content.decode()
    assert answer.status_code == status, text
    assert words in text
    assert "<h1>" in text
    assert answer["Cache-Control"].count("no-store")
    assert not is_let_in(client)
    assert Grant.objects.count() == 0


def test_a_good_login_gets_in(client: Client, hostile: HostileProvider) -> None:
    answer = log_in(client, hostile, "/projects/atlas/")
    assert (answer.status_code, answer["Location"]) == (302, "/projects/atlas/")
    assert is_let_in(client)
    assert User.objects.get().subject == "person-1"


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
    """The classic confusion: the public key as the secret of an HMAC."""
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
    """A good signature of a kind that the provider never announced."""
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
    assert is_let_in(client)
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


def test_a_made_up_state_is_refused(client: Client, hostile: HostileProvider) -> None:
    refused(client, come_back(client, hostile, begin(client), state="made up"), 400, "not valid any more")
    assert hostile.asked("/token") == 0


@pytest.mark.parametrize("query", [{}, {"code": "x"}, {"state": ""}, {"error": "access_denied"}, {"code": "a\x00b"}])
def test_a_callback_without_a_login_is_refused(client: Client, hostile: HostileProvider, query: dict[str, str]) -> None:
    refused(client, client.get(CALLBACK, query), 400, "not valid any more")
    assert hostile.seen == []


def test_a_state_of_another_browser_is_refused(client: Client, hostile: HostileProvider) -> None:
    """Login CSRF: the attacker's own answer, brought by the victim's browser."""
    attacker = Client()
    begun = begin(attacker)
    begin(client)
    refused(client, come_back(client, hostile, begun), 400, "not valid any more")


def test_a_state_is_used_once_even_with_a_copied_cookie(client: Client, hostile: HostileProvider) -> None:
    begun = begin(client)
    kept = {name: morsel.value for name, morsel in client.cookies.items()}
    assert come_back(client, hostile, begun)["Location"] == "/"
    thief = Client()
    thief.cookies.load(kept)
    assert not is_let_in(thief)
    answer = come_back(thief, hostile, begun)
    assert answer.status_code == 400
    assert not is_let_in(thief)
    assert Grant.objects.count() == 1


def test_coming_back_twice_says_so_and_keeps_the_login(client: Client, hostile: HostileProvider) -> None:
    begun = begin(client)
    code = hostile.code(begun["nonce"], begun["code_challenge"])
    query = {"code": code, "state": begun["state"]}
    assert client.get(CALLBACK, query).status_code == 302
    again = client.get(CALLBACK, query)
    assert again.status_code == 400
    assert "You are logged in as member" in again.content.decode()
    assert is_let_in(client)
    assert hostile.asked("/token") == 1


def test_a_login_that_took_too_long_is_refused(
    client: Client, hostile: HostileProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = begin(client)
    monkeypatch.setattr(pending, "LASTS_SECONDS", -1)
    refused(client, come_back(client, hostile, begun), 400, "not valid any more")


def test_a_code_of_another_login_is_refused(client: Client, hostile: HostileProvider) -> None:
    """Code injection: PKCE and the nonce bind the code to the login that asked for it."""
    attackers = begin(Client())
    code = hostile.code(attackers["nonce"], attackers["code_challenge"])
    answer = come_back(client, hostile, begin(client), code=code)
    refused(client, answer, 400, "did not accept this login")


def test_a_made_up_code_is_refused(client: Client, hostile: HostileProvider) -> None:
    refused(client, come_back(client, hostile, begin(client), code="made-up"), 400, "did not accept this login")


def test_an_answer_with_neither_code_nor_error_is_refused(client: Client, hostile: HostileProvider) -> None:
    begun = begin(client)
    refused(client, client.get(CALLBACK, {"state": begun["state"]}), 400, "can&#x27;t be trusted")


def test_an_answer_with_a_parameter_twice_is_refused(client: Client, hostile: HostileProvider) -> None:
    begun = begin(client)
    code = hostile.code(begun["nonce"], begun["code_challenge"])
    answer = client.get(f"{CALLBACK}?code={code}&code=other&state={begun['state']}")
    refused(client, answer, 400, "can&#x27;t be trusted")


def test_an_answer_of_another_provider_is_refused(client: Client, hostile: HostileProvider) -> None:
    """The mix-up attack (RFC 9207)."""
    answer = come_back(client, hostile, begin(client), iss="https://evil.example.org")
    refused(client, answer, 400, "can&#x27;t be trusted")
    assert hostile.asked("/token") == 0


def test_a_provider_that_promises_its_name_has_to_give_it(client: Client, hostile: HostileProvider) -> None:
    hostile.metadata["authorization_response_iss_parameter_supported"] = True
    refused(client, log_in(client, hostile), 400, "can&#x27;t be trusted")
    assert come_back(client, hostile, begin(client), iss=hostile.issuer)["Location"] == "/"


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        ("access_denied", 403, "You were not logged in"),
        ("temporarily_unavailable", 503, "is not answering"),
        ("server_error", 503, "is not answering"),
        ("consent_required", 400, "consent_required"),
        ("<script>alert(1)</script>", 400, "none given"),
    ],
)
def test_an_error_of_the_provider_becomes_a_page(
    client: Client, hostile: HostileProvider, error: str, status: int, words: str
) -> None:
    begun = begin(client, "/projects/atlas/")
    answer = client.get(CALLBACK, {"error": error, "error_description": "call 0800", "state": begun["state"]})
    refused(client, answer, status, words)
    text = answer.content.decode()
    assert "0800" not in text
    assert "<script>alert" not in text
    assert f"{reverse('login')}?next=%2Fprojects%2Fatlas%2F" in text


def test_a_portal_that_the_provider_does_not_know_says_what_to_mend(client: Client, hostile: HostileProvider) -> None:
    hostile.broken["/token"] = Broken(401, b'{"error": "invalid_client"}')
    refused(client, log_in(client, hostile), 503, "MESHDECK_OIDC_CLIENT_SECRET")


RUBBISH = [
    Broken(500, b"oops"),
    Broken(503, b'{"error": "temporarily_unavailable"}'),
    Broken(200, b"<html>Welcome to nginx</html>", "text/html"),
    Broken(200, b"[]"),
    Broken(200, b"{}"),
    Broken(200, b"null"),
    Broken(200, b""),
    Broken(200, b"\xff\xfe\x00"),
    Broken(200, b"[" * 100_000),
    Broken(302, b"", headers={"Location": "http://127.0.0.1:1/"}),
    Broken(200, b'{"access_token": 7, "token_type": "Bearer", "keys": 7, "issuer": 7, "sub": 7}'),
    Broken(429, b""),
]


@pytest.mark.parametrize("broken", RUBBISH, ids=range(len(RUBBISH)))
@pytest.mark.parametrize("path", ["/token", "/keys"])
def test_rubbish_on_the_way_back_becomes_a_page(
    client: Client, hostile: HostileProvider, path: str, broken: Broken
) -> None:
    hostile.broken[path] = broken
    answer = log_in(client, hostile, "/projects/atlas/")
    refused(client, answer, 503, "is not answering")
    assert "next=%2Fprojects%2Fatlas%2F" in answer.content.decode()


def test_an_answer_without_an_end_is_not_read(client: Client, hostile: HostileProvider) -> None:
    hostile.token = {"padding": "x" * http.MOST_BYTES}
    refused(client, log_in(client, hostile), 503, "is not answering")
    hostile.token = {"padding": "x" * (http.MOST_BYTES // 2)}
    assert log_in(client, hostile)["Location"] == "/"


def test_a_redirect_does_not_carry_the_secret_elsewhere(client: Client, hostile: HostileProvider) -> None:
    hostile.broken["/token"] = Broken(307, headers={"Location": f"{hostile.issuer}/elsewhere"})
    refused(client, log_in(client, hostile), 503, "is not answering")
    assert hostile.asked("/elsewhere") == 0


@pytest.mark.parametrize("broken", RUBBISH, ids=range(len(RUBBISH)))
def test_rubbish_in_the_discovery_document_becomes_a_page(
    client: Client, hostile: HostileProvider, broken: Broken
) -> None:
    hostile.broken["/.well-known/openid-configuration"] = broken
    refused(client, client.get(reverse("login")), 503, "is not answering")


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://evil.example.org"},
        {"issuer": None},
        {"token_endpoint": None},
        {"jwks_uri": None},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": "http://evil.example.org/authorize"},
        {"token_endpoint": "http://[broken"},
        {"token_endpoint": ["https://provider.example.org"]},
        {"end_session_endpoint": "http://evil.example.org/end"},
        {"id_token_signing_alg_values_supported": ["HS256", "none"]},
        {"id_token_signing_alg_values_supported": "RS256"},
        {"id_token_signing_alg_values_supported": [["RS256"]]},
        {"code_challenge_methods_supported": ["plain"]},
        {"response_types_supported": ["id_token"]},
    ],
    ids=str,
)
def test_a_provider_that_can_not_be_trusted_is_not_asked(
    client: Client, hostile: HostileProvider, metadata: dict[str, Any]
) -> None:
    hostile.metadata = metadata
    refused(client, client.get(reverse("login")), 503, "is not answering")


def test_a_provider_that_is_down_becomes_a_page(client: Client, settings: Settings) -> None:
    settings.OIDC_ISSUER = "http://127.0.0.1:1"
    settings.BASE_URL = "http://testserver"
    refused(client, client.get(reverse("login"), {"next": "/projects/atlas/"}), 503, "127.0.0.1:1 is not answering")


@pytest.mark.parametrize(
    "broken",
    [Broken(delay=5, body=b"{}"), Broken(drip=0.05, body=b"{" + b" " * 400 + b"}")],
    ids=["silent", "dripping"],
)
def test_a_slow_provider_is_given_up(
    client: Client, hostile: HostileProvider, broken: Broken, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "READ_SECONDS", 0.4)
    monkeypatch.setattr(http, "TOTAL_SECONDS", 0.6)
    hostile.broken["/.well-known/openid-configuration"] = broken
    before = time.monotonic()
    refused(client, client.get(reverse("login")), 503, "is not answering")
    assert time.monotonic() - before < 3


def test_a_provider_that_is_away_is_not_asked_by_every_visitor(client: Client, hostile: HostileProvider) -> None:
    hostile.broken["/.well-known/openid-configuration"] = Broken(500)
    for _ in range(5):
        assert client.get(reverse("login")).status_code == 503
    assert len(hostile.seen) == 1


def test_a_session_from_before_the_login_is_not_taken_over(client: Client, hostile: HostileProvider) -> None:
    """Session fixation: neither the key nor what lay in the session survives the login."""
    planted = client.session
    planted["planted"] = "by an attacker"
    planted.save()
    old_key = str(planted.session_key)
    client.cookies["meshdeck"] = old_key
    log_in(client, hostile)
    assert client.session.session_key != old_key
    assert "planted" not in client.session
    assert not type(planted)().exists(old_key)


def test_the_same_person_again_gets_a_new_session_and_the_old_grant_ends(
    client: Client, hostile: HostileProvider
) -> None:
    begun = begin(client)
    log_in(client, hostile)
    first = client.session.session_key
    come_back(client, hostile, begun)
    assert client.session.session_key != first
    assert sorted(Grant.objects.values_list("end_reason", flat=True)) == ["", "replaced"]


def test_a_person_who_was_switched_off_is_not_let_in(client: Client, hostile: HostileProvider) -> None:
    User.objects.create(issuer=hostile.issuer, subject="person-1", username="member", is_active=False)
    refused(client, log_in(client, hostile), 403, "switched off here")


def test_the_same_address_at_another_provider_is_another_person(client: Client, hostile: HostileProvider) -> None:
    User.objects.create(
        issuer="https://other.example.org", subject="person-1", username="a", email="member@example.org"
    )
    User.objects.create(
        issuer=hostile.issuer, subject="person-2", username="b", email="member@example.org", is_staff=True
    )
    log_in(client, hostile)
    assert User.objects.count() == 3
    assert not User.objects.get(issuer=hostile.issuer, subject="person-1").is_staff


def test_the_operators_right_comes_and_goes_with_the_group(client: Client, hostile: HostileProvider) -> None:
    hostile.claims = {"groups": ["meshdeck-operators"]}
    log_in(client, hostile)
    assert User.objects.get().is_staff
    hostile.claims = {"groups": ["atlas-member"], "preferred_username": "renamed"}
    log_in(Client(), hostile)
    assert not User.objects.get().is_staff
    assert User.objects.get().username == "renamed"
