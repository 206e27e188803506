"""Somebody with an account at the portal and at the provider, who gets offline tokens in a browser."""

from typing import Any

import requests
from pytest_django.fixtures import Settings

from portal.identity import discovery
from portal.identity.models import OfflineToken, User
from tests.providers.builtin import OFFLINE, IdentityProvider
from tests.providers.client import TIMEOUT, Browser, follow, location
from tests.providers.whole_login import PORTAL, log_in, portal_browser

PAGE = "/atlas@north/cli/"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
SPENT = (400, "invalid_grant")


class Person:
    """Somebody at the portal and at the provider, with the same browser."""

    def __init__(self, provider: IdentityProvider, username: str = "member") -> None:
        self.provider, self.client, self.browser = provider, portal_browser(), Browser()
        self.client.defaults["HTTP_USER_AGENT"] = FIREFOX
        log_in(self.client, provider, username, browser=self.browser)
        self.user = User.objects.get(pk=self.client.session["_auth_user_id"])

    def consent_page(self, kind: str = "sh") -> requests.Response:
        """Return the provider's form; it knows who it is."""
        begun = self.client.get(f"{PAGE}offline/new/", {"as": kind})
        return follow(self.browser, self.browser.get(begun["Location"], allow_redirects=False, timeout=TIMEOUT))

    def consents(self, scopes: tuple[str, ...] = OFFLINE, kind: str = "sh") -> dict[str, str]:
        """To the provider and through its form; what its answer brings back."""
        page = self.consent_page(kind)
        url, query = location(self.provider.consent(self.browser, page, scopes))
        assert url == f"{PORTAL}/oidc/offline/"
        return query

    def asks(self, **how: Any) -> Any:
        """Return the same, and back; the answer to that."""
        return self.client.get("/oidc/offline/", self.consents(**how))

    def takes(self, row: OfflineToken, kind: str = "sh") -> Any:
        return self.client.post(f"{PAGE}offline/{row.pk}/files/", {"kind": kind})

    def token(self) -> tuple[OfflineToken, str]:
        """Return a whole one, taken from its file."""
        self.asks()
        row = OfflineToken.objects.filter(user=self.user).latest("made_at")
        return row, secret_in(self.takes(row).content.decode())


def secret_in(file: str) -> str:
    line = next(line for line in file.splitlines() if "MESHRC_REFRESH_TOKEN '" in line)
    return line.split("'")[1]


def refresh(provider: IdentityProvider, token: str) -> tuple[int, str]:
    answer = provider.command_line().refresh(token)
    said = answer.json()
    return answer.status_code, said.get("error") or said["refresh_token"]


def point_at(provider: IdentityProvider, settings: Settings) -> None:
    """Return the portal logs people in at this provider."""
    discovery.forget_providers()
    settings.OIDC_ISSUER = provider.issuer
    settings.OIDC_RP_CLIENT_ID = provider.client_id
    settings.OIDC_RP_CLIENT_SECRET = provider.client_secret
    settings.BASE_URL = PORTAL
