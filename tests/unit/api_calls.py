"""Calling the API in tests: as a person with a session, or with a token of a provider that runs for the test."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.test import Client
from pytest_django.fixtures import Settings

from tests.support.issuer import Issuer

ROOT = "/api/v1"
ATLAS = f"{ROOT}/tenants/atlas@north"
PROBLEM = "application/problem+json"


@contextmanager
def trusted_issuer(settings: Settings) -> Iterator[Issuer]:
    """Return a provider whose tokens the portal believes."""
    with Issuer() as issuer:
        settings.OIDC_ISSUER = issuer.url
        yield issuer


def post(client: Client, path: str, body: Any = None, **extra: Any) -> Any:
    """POST with a JSON body; `key` is the Idempotency-Key, `token` a bearer's."""
    data = "" if body is None else body if isinstance(body, str | bytes) else json.dumps(body)
    return client.post(path, data, content_type="application/json", headers=headers(**extra))


def get(client: Client, path: str, **extra: Any) -> Any:
    """GET; `token` as in `post`."""
    return client.get(path, headers=headers(**extra))


def headers(*, token: str = "", key: str = "", csrf: str = "") -> dict[str, str]:
    """Return the headers of a call."""
    values = {"Authorization": f"Bearer {token}" if token else "", "Idempotency-Key": key, "X-CSRFToken": csrf}
    return {name: value for name, value in values.items() if value}


def problem(response: Any, status: int, code: str) -> dict[str, Any]:
    """Return the problem, which has to be of this status and code."""
    said: dict[str, Any] = response.json()
    assert response.status_code == status, said
    assert response["Content-Type"] == PROBLEM
    assert (said["status"], said["code"]) == (status, code), said
    return said
