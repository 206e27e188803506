"""Providers on a bad day: rubbish, silence, endless answers. A clear page, never a 500, and nobody gets in."""

import time
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from portal.identity import discovery, http
from tests.providers.hostile import Broken, HostileProvider
from tests.providers.login import log_in
from tests.unit.identity_cast import refused

pytestmark = pytest.mark.django_db
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


def test_nobody_is_sent_to_a_provider_that_no_longer_answers(
    client: Client, hostile: HostileProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert client.get(reverse("login")).status_code == 302
    hostile.broken["/.well-known/openid-configuration"] = Broken(500)
    assert client.get(reverse("login")).status_code == 302  # it answered a moment ago
    monkeypatch.setattr(discovery, "ANSWERED_SECONDS", 0.0)
    refused(client, client.get(reverse("login")), 503, "is not answering")
    monkeypatch.setattr(discovery, "RETRY_SECONDS", 0.0)
    hostile.broken.clear()
    assert client.get(reverse("login")).status_code == 302
