"""One login at the portal, step by step, with the hostile provider in the provider's place."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.test import Client
from django.urls import reverse

from tests.providers.hostile import HostileProvider


def begin(client: Client, target: str = "/") -> dict[str, str]:
    """Start a login; returns the parameters of the authorization request that the browser is sent with."""
    answer = client.get(reverse("login"), {"next": target})
    assert answer.status_code == 302, answer.content.decode()
    return {name: values[0] for name, values in parse_qs(urlsplit(answer["Location"]).query).items()}


def come_back(client: Client, hostile: HostileProvider, begun: dict[str, str], **query: str) -> Any:
    """Come back from the provider with a good code and state; `query` adds parameters or takes their place."""
    code = hostile.code(begun["nonce"], begun["code_challenge"])
    return client.get(reverse("oidc_authentication_callback"), {"code": code, "state": begun["state"], **query})


def log_in(client: Client, hostile: HostileProvider, target: str = "/") -> Any:
    """A whole login; the answer to its last request."""
    return come_back(client, hostile, begin(client, target))
