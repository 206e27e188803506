"""A stand-in for a Cloud Foundry foundation in this process, behind a real identity provider, with a clock to set."""

import re
import secrets
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import requests

from devfoundation.foundation import Foundation
from devfoundation.settings import Settings
from tests.providers.builtin import IdentityProvider, identity_provider
from tests.providers.client import TIMEOUT, Browser, follow, form_with, submit
from tests.providers.processes import free_port

CF = ("cf", "")  # how the cf command line authenticates
HINT = "?login_hint=%7B%22origin%22%3A%22meshdeck%22%7D"


@dataclass
class Clock:
    """The true time, and the seconds by which the foundation's clock is ahead of it."""

    ahead: float = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


class LoginServer(ABC):
    """A UAA behind the built-in identity provider, as browsers and the cf command line use it."""

    provider: IdentityProvider

    @property
    @abstractmethod
    def uaa(self) -> str:
        """The URL of UAA, which is also the login server."""

    def logged_in(self, username: str) -> requests.Session:
        """Return a browser in which that person is logged in at the identity provider only."""
        browser = Browser()
        self.provider.log_in(browser, self.provider.client().begin(), username)
        return browser

    def passcode(self, browser: requests.Session, **headers: str) -> requests.Response:
        """Return where a click on Get Passcode leads, after every redirect."""
        return browser.get(f"{self.uaa}/passcode{HINT}", headers=headers, timeout=TIMEOUT)

    def code(self, username: str) -> str:
        """Get a fresh passcode of a person in a new browser."""
        return shown(self.passcode(self.logged_in(username)))

    def token(self, auth: tuple[str, str] = CF, **form: str) -> requests.Response:
        """Send one request to the token endpoint, by default as the cf command line."""
        headers = {"Accept": "application/json"}
        return requests.post(f"{self.uaa}/oauth/token", data=form, auth=auth, headers=headers, timeout=TIMEOUT)

    def login(self, code: str) -> requests.Response:
        """Log in as `cf login --sso-passcode` does."""
        return self.token(grant_type="password", passcode=code)


@dataclass
class RunningFoundation(LoginServer):
    """A foundation with its identity provider."""

    settings: Settings
    provider: IdentityProvider
    clock: Clock = field(default_factory=Clock)

    @property
    def api(self) -> str:
        """The URL of the API root."""
        return self.settings.api_url

    @property
    def uaa(self) -> str:
        """The URL of UAA, which is also the login server."""
        return self.settings.uaa_url

    def get(self, path: str, token: str = "") -> requests.Response:
        """Send a GET to the Cloud Controller."""
        headers = {"Authorization": f"bearer {token}"} if token else {}
        return requests.get(self.api + path, headers=headers, timeout=TIMEOUT)

    def bearer(self, username: str) -> str:
        """Return an access token of a person, obtained with a passcode."""
        token: str = self.login(self.code(username)).json()["access_token"]
        return token


def shown(page: requests.Response) -> str:
    """Return the passcode on UAA's page."""
    found = re.search(r"<h2>(?:<code[^>]*>)?([\w-]+)</", page.text)
    assert found, f"No passcode at {page.url} ({page.status_code}): {page.text[:300]}"
    return found.group(1)


def fill_in(browser: requests.Session, page: requests.Response, username: str, password: str) -> requests.Response:
    """Fill in the identity provider's login form and follow every redirect after it."""
    answer = submit(browser, form_with(page, "login", "password"), login=username, password=password)
    while answer.is_redirect:
        answer = follow(browser, browser.get(answer.headers["Location"], allow_redirects=False, timeout=TIMEOUT))
    return answer


@contextmanager
def foundation(state: Path, **changes: str) -> Iterator[RunningFoundation]:
    """Run provider and foundation on free ports; both end with the block. `changes` go to the foundation's settings."""
    api_port, uaa_port, secret, clock = free_port(), free_port(), secrets.token_urlsafe(32), Clock()
    uaa = f"http://127.0.0.1:{uaa_port}"
    idp = {"CLOUDFOUNDRY_SECRET": secret, "CLOUDFOUNDRY_REDIRECT_URIS": f"{uaa}/login/callback/meshdeck"}
    with identity_provider(state, **idp) as provider:
        settings = Settings(
            api_url=f"http://127.0.0.1:{api_port}",
            uaa_url=uaa,
            issuer=provider.issuer,
            client_id="cloudfoundry",
            client_secret=secret,
            now=clock,
            **changes,  # type: ignore[arg-type]
        )
        with Foundation(settings, api_port, uaa_port).serving():
            yield RunningFoundation(settings, provider, clock)
