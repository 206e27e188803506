"""npm's certified `oidc-provider` as a provider that no one here wrote, run as a real process.

    with foreign_provider(tmp_path) as provider:
        provider.issuer, provider.client_id, provider.client_secret
        provider.log_in(browser, provider.client().begin(), "member")   # `browser` a requests.Session
        provider.tokens("member")

Its subjects are `foreign|<user name>`; it knows the cast by the same names and password; PKCE is demanded; access
tokens are JWTs for `openstack`; refresh tokens rotate and a reuse ends the whole grant. Pass extra settings as
keywords: ACCESS_TOKEN_SECONDS="5".
"""

import json
import secrets
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from portal.idp.cast import CAST, PASSWORD
from tests.providers.client import TIMEOUT, Attempt, Client, follow, form_with, location, submit
from tests.providers.processes import free_port, serving

FOLDER = Path(__file__).resolve().parent / "node"


def install() -> None:
    """Install the pinned packages into tests/providers/node unless they are there."""
    marker = FOLDER / "node_modules" / ".package-lock.json"
    if marker.exists() and marker.stat().st_mtime >= (FOLDER / "package-lock.json").stat().st_mtime:
        return
    command = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--silent"]
    done = subprocess.run(command, cwd=FOLDER, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"npm ci failed: {done.stderr[-1000:]}")
    marker.touch()


@dataclass
class ForeignProvider:
    """A running provider with the demo's cast."""

    issuer: str
    client_id: str
    client_secret: str
    redirect_uri: str

    def client(self) -> Client:
        """Return the portal's client, confidential."""
        return Client(self.issuer, self.client_id, self.client_secret, self.redirect_uri)

    def log_in(
        self, browser: requests.Session, attempt: Attempt, username: str = "member", password: str = PASSWORD
    ) -> requests.Response:
        """Open the authorization request and fill in the login form; return the redirect to the client, or a page."""
        page = follow(browser, browser.get(attempt.url, allow_redirects=False, timeout=TIMEOUT))
        if page.is_redirect:
            return page  # logged in already
        return submit(browser, form_with(page, "username", "password"), username=username, password=password)

    def change_password(self, username: str, password: str, new: str) -> None:
        """Change the password as that person."""
        data = {"username": username, "password": password, "new": new}
        requests.post(f"{self.issuer}/password", data=data, timeout=TIMEOUT).raise_for_status()

    def tokens(self, username: str = "member", scope: str = "openid profile email groups") -> dict[str, Any]:
        """Return the tokens of a cast member: access_token, refresh_token, id_token, expires_in."""
        client, browser = self.client(), requests.Session()
        attempt = client.begin(scope)
        _, query = location(self.log_in(browser, attempt, username))
        answer = client.exchange(attempt, query["code"])
        answer.raise_for_status()
        tokens: dict[str, Any] = answer.json()
        return tokens


@contextmanager
def foreign_provider(
    state: Path,
    port: int | None = None,
    redirect_uri: str = "http://127.0.0.1:28000/oidc/callback/",
    post_logout_redirect_uris: str = "http://127.0.0.1:28000/,http://127.0.0.1:28000/logged-out/",
    **settings: str,
) -> Iterator[ForeignProvider]:
    """Start it on a port of its own; it keeps everything in memory and ends with the block."""
    install()
    port = port or free_port()
    issuer, secret = f"http://127.0.0.1:{port}", secrets.token_urlsafe(32)
    state.mkdir(parents=True, exist_ok=True)
    people = {
        person.username: {
            "name": person.name,
            "email": person.email,
            "groups": list(person.groups),
            "password": PASSWORD,
        }
        for person in CAST
    }
    environment = {
        "PORT": str(port),
        "CLIENT_SECRET": secret,
        "REDIRECT_URIS": redirect_uri,
        "POST_LOGOUT_REDIRECT_URIS": post_logout_redirect_uris,
        "PEOPLE": json.dumps(people),
        **settings,
    }
    ready = f"{issuer}/.well-known/openid-configuration"
    with serving(["node", "server.js"], ready, state / "foreign.log", environment, folder=FOLDER):
        yield ForeignProvider(issuer, "portal", secret, redirect_uri)
