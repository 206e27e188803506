"""A whole login with any real provider, step by step in plain HTTP. The tests say what has to come of it.

Used by tests/unit/test_identity_login.py and tests/keycloak, each with providers of their own.
"""

from typing import Any
from urllib.parse import urlsplit

from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from portal.identity import crypto, discovery
from portal.identity.models import Grant
from tests.providers.builtin import IdentityProvider
from tests.providers.client import TIMEOUT, Attempt, Browser, follow, forms, location, submit
from tests.providers.foreign import ForeignProvider
from tests.providers.keycloak import Keycloak

PORTAL = "http://127.0.0.1:28000"
Provider = IdentityProvider | ForeignProvider | Keycloak


def point(settings: Settings, provider: Provider) -> None:
    """Point the portal at the provider by its URL alone."""
    discovery.forget_providers()  # an earlier one may have had the same port
    settings.OIDC_ISSUER = provider.issuer
    settings.OIDC_RP_CLIENT_ID = provider.client_id
    settings.OIDC_RP_CLIENT_SECRET = provider.client_secret
    settings.BASE_URL = PORTAL


def portal_browser() -> Client:
    """Return a browser as the portal sees it."""
    return Client(headers={"host": urlsplit(PORTAL).netloc})


def log_in(client: Client, provider: Provider, username: str, target: str = "/", browser: Browser | None = None) -> Any:
    """Log in and return the response to the callback; `browser` is the same browser as the provider sees it."""
    begun = client.get(reverse("login"), {"next": target})
    return client.get("/oidc/callback/", come_back(provider, begun["Location"], username, browser))


def come_back(provider: Provider, begun: str, username: str, browser: Browser | None = None) -> dict[str, str]:
    """Log in at the provider's address `begun`; return what the browser brings to the portal's callback."""
    attempt = Attempt(begun, "", "", "", "")
    url, query = location(provider.log_in(browser or Browser(), attempt, username))
    assert url == f"{PORTAL}/oidc/callback/"
    return query


def refresh_token(grant: Grant) -> str:
    """Return the grant's decrypted refresh token."""
    return crypto.decrypt(grant.refresh_token.encode()).decode()


def log_out(client: Client, browser: Browser) -> tuple[str, dict[str, str]]:
    """Log out here and at the provider; return where the browser ends up, and the query."""
    page = client.post(reverse("logout")).content.decode()
    way = page.split('content="0;url=')[1].split('"')[0].replace("&amp;", "&")
    answer = follow(browser, browser.get(way, allow_redirects=False, timeout=TIMEOUT))
    if not answer.is_redirect:  # some ask for confirmation
        answer = submit(browser, next(form for form in forms(answer) if "xsrf" in form.fields), logout="yes")
    return location(answer)
