"""The stand-in of a Cloud Foundry foundation in this process, behind a real identity provider, with a clock to turn."""

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

CF = ("cf", "")  # how the cf command line says who it is
HINT = "?login_hint=%7B%22origin%22%3A%22meshdeck%22%7D"


@dataclass
class Clock:
    """The true time, and how far the foundation's clock is ahead of it, in seconds."""

    ahead: float = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


class LoginServer(ABC):
    """A UAA behind the built-in identity provider, as browsers and the cf command line meet it."""

    provider: IdentityProvider

    @property
    @abstractmethod
    def uaa(self) -> str:
        """UAA, which is the login server too."""

    def logged_in(self, username: str) -> requests.Session:
        """A browser in which that person is logged in at the identity provider, and nowhere else."""
        browser = Browser()
        self.provider.log_in(browser, self.provider.client().begin(), username)
        return browser

    def passcode(self, browser: requests.Session, **headers: str) -> requests.Response:
        """What a click on Get Passcode leads to, every redirect followed."""
        return browser.get(f"{self.uaa}/passcode{HINT}", headers=headers, timeout=TIMEOUT)

    def code(self, username: str) -> str:
        """A fresh passcode of a person in a new browser."""
        return shown(self.passcode(self.logged_in(username)))

    def token(self, auth: tuple[str, str] = CF, **form: str) -> requests.Response:
        """One request to the token endpoint, by default as the cf command line."""
        headers = {"Accept": "application/json"}
        return requests.post(f"{self.uaa}/oauth/token", data=form, auth=auth, headers=headers, timeout=TIMEOUT)

    def login(self, code: str) -> requests.Response:
        """`cf login --sso-passcode`."""
        return self.token(grant_type="password", passcode=code)


@dataclass
class RunningFoundation(LoginServer):
    """A foundation with its identity provider."""

    settings: Settings
    provider: IdentityProvider
    clock: Clock = field(default_factory=Clock)

    @property
    def api(self) -> str:
        """The API root."""
        return self.settings.api_url

    @property
    def uaa(self) -> str:
        """UAA, which is the login server too."""
        return self.settings.uaa_url

    def get(self, path: str, token: str = "") -> requests.Response:
        """From the Cloud Controller."""
        headers = {"Authorization": f"bearer {token}"} if token else {}
        return requests.get(self.api + path, headers=headers, timeout=TIMEOUT)

    def bearer(self, username: str) -> str:
        """An access token of a person, by a passcode."""
        token: str = self.login(self.code(username)).json()["access_token"]
        return token


def shown(page: requests.Response) -> str:
    """The passcode on UAA's page."""
    found = re.search(r"<h2>(?:<code[^>]*>)?([\w-]+)</", page.text)
    assert found, f"No passcode at {page.url} ({page.status_code}): {page.text[:300]}"
    return found.group(1)


def fill_in(browser: requests.Session, page: requests.Response, username: str, password: str) -> requests.Response:
    """The identity provider's login form, and every redirect after it."""
    answer = submit(browser, form_with(page, "login", "password"), login=username, password=password)
    while answer.is_redirect:
        answer = follow(browser, browser.get(answer.headers["Location"], allow_redirects=False, timeout=TIMEOUT))
    return answer


@contextmanager
def foundation(state: Path, **changes: str) -> Iterator[RunningFoundation]:
    """Provider and foundation on free ports; both end with the block. `changes` are of the foundation's settings."""
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
