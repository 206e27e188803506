"""One login at the portal, step by step, with the hostile provider."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.test import Client
from django.urls import reverse

from tests.providers.hostile import HostileProvider


def begin(client: Client, target: str = "/") -> dict[str, str]:
    """Start a login; return the parameters of the authorization request that the browser is sent with."""
    answer = client.get(reverse("login"), {"next": target})
    assert answer.status_code == 302, answer.content.decode()
    return {name: values[0] for name, values in parse_qs(urlsplit(answer["Location"]).query).items()}


def come_back(client: Client, hostile: HostileProvider, begun: dict[str, str], **query: str) -> Any:
    """Return from the provider with a good code and state; `query` adds or replaces parameters."""
    code = hostile.code(begun["nonce"], begun["code_challenge"])
    return client.get(reverse("oidc_authentication_callback"), {"code": code, "state": begun["state"], **query})


def log_in(client: Client, hostile: HostileProvider, target: str = "/") -> Any:
    """Log in completely; return the last response."""
    return come_back(client, hostile, begin(client, target))
