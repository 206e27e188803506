"""Logs carry ids and no secrets."""

import io
import json
import logging
from logging.config import dictConfig
from typing import Any

import pytest
import structlog
from django.conf import settings as django_settings
from django.test import Client
from pytest_django import Settings
from structlog.testing import capture_logs

from portal import logging as portal_logging

JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJtZW1iZXIifQ.c2lnbmF0dXJl"
KEYSTONE = "gAAAAABm1unscopedunscopedunscoped-token"


@pytest.fixture
def lines() -> Any:
    """Return what is written to the log as JSON, line by line."""
    output = io.StringIO()
    dictConfig(portal_logging.configure(logging.INFO, "json"))
    handler = logging.getLogger().handlers[0]
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(output)
    yield lambda: [json.loads(line) for line in output.getvalue().splitlines()]
    dictConfig(django_settings.LOGGING)


def test_an_event_is_a_json_line_with_its_fields_and_the_ids_around_it(lines: Any) -> None:
    with structlog.contextvars.bound_contextvars(request_id="r-1", task_id="t-1"):
        structlog.get_logger("portal.somewhere").info("refreshed", tenant_id=7)
    (line,) = lines()
    assert line.pop("timestamp")
    assert line == {
        "event": "refreshed",
        "level": "info",
        "logger": "portal.somewhere",
        "request_id": "r-1",
        "task_id": "t-1",
        "tenant_id": 7,
    }


@pytest.mark.parametrize(
    "fields",
    [
        {"access_token": "abc-secret"},
        {"headers": {"Authorization": "Bearer abc-secret", "Cookie": "meshdeck=abc-secret"}},
        {"headers": {"X-Auth-Token": "abc-secret"}},
        {"client_secret": "abc-secret", "password": "abc-secret"},
        {"url": "http://portal/oidc/callback/?code=abc-secret&state=abc-secret"},
        {"seen": ["Authorization: Bearer abc-secret"]},
        {"body": "grant_type=refresh_token&refresh_token=abc-secret&client_id=portal"},
        {"database": "postgres://meshdeck:abc-secret@db/meshdeck"},
        {"error": ValueError("Set-Cookie: meshdeck=abc-secret; Path=/")},
    ],
)
def test_secrets_in_fields_are_taken_out(lines: Any, fields: dict[str, Any]) -> None:
    structlog.get_logger("x").warning("something", **fields)
    text = json.dumps(lines())
    assert "abc-secret" not in text
    assert portal_logging.REDACTED in text


def test_tokens_are_known_by_their_shape_in_messages_of_libraries_and_in_tracebacks(lines: Any) -> None:
    logging.getLogger("some.library").warning("refused %s and %s", JWT, KEYSTONE)
    try:
        raise ValueError(f"bad token {JWT}")
    except ValueError:
        structlog.get_logger("x").exception("failed", header=f"Bearer {KEYSTONE}")
    text = json.dumps(lines())
    assert "bad token" in text
    assert "Traceback" in text
    assert JWT not in text
    assert KEYSTONE not in text


def test_what_only_looks_like_a_secret_stays(lines: Any) -> None:
    structlog.get_logger("x").info("renewed", tokens=3, token_id="17", code=502, expires_at="2026-11-23T20:00:00Z")
    (line,) = lines()
    assert (line["tokens"], line["token_id"], line["code"]) == (3, "17", 502)


@pytest.mark.django_db
def test_a_request_is_logged_without_its_query(client: Client) -> None:
    with capture_logs() as logs:
        client.get("/healthz?code=abc-secret")
    assert [line["request"] for line in logs if line["event"] == "request_finished"] == ["GET /healthz"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("proxies", "forwarded", "logged"),
    [
        (0, "198.51.100.7", "192.0.2.1"),
        (1, "198.51.100.7", "198.51.100.7"),
        (1, "203.0.113.9, 198.51.100.7", "198.51.100.7"),
        (2, "203.0.113.9, 198.51.100.7, 10.0.0.5", "198.51.100.7"),
        (2, "198.51.100.7", "192.0.2.1"),
        (1, "198.51.100.7:4711", "198.51.100.7"),
        (1, "[2001:DB8::7]:4711", "2001:db8::7"),
        (1, "2001:db8::7", "2001:db8::7"),
        (1, "fe80::1%<b>chosen</b>", "192.0.2.1"),
        (1, "203.0.113.9, unknown", "192.0.2.1"),
        (1, "203.0.113.9,", "192.0.2.1"),
        (1, "", "192.0.2.1"),
    ],
)
def test_client_address_in_log_is_what_trusted_proxy_saw(
    client: Client, settings: Settings, lines: Any, proxies: int, forwarded: str, logged: str
) -> None:
    settings.TRUSTED_PROXIES = proxies
    client.get("/healthz", REMOTE_ADDR="192.0.2.1", HTTP_X_FORWARDED_FOR=forwarded)
    assert [line["ip"] for line in lines() if line["event"] == "request_finished"] == [logged]


@pytest.mark.django_db
@pytest.mark.parametrize("proxies", [0, 1])
@pytest.mark.parametrize(
    "header",
    [*("X-Real-IP", "Forwarded", "Client-IP", "CF-Connecting-IP", "True-Client-IP"), "X-Forwarded", "Forwarded-For"],
)
def test_client_cannot_choose_its_address_in_log(
    client: Client, settings: Settings, lines: Any, proxies: int, header: str
) -> None:
    settings.TRUSTED_PROXIES = proxies
    chosen = "for=8.8.8.8" if header == "Forwarded" else "8.8.8.8"
    client.get("/healthz", REMOTE_ADDR="192.0.2.1", headers={header: chosen})
    assert [line["ip"] for line in lines() if line["event"] == "request_finished"] == ["192.0.2.1"]
