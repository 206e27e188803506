"""The built-in identity provider as a real process, for tests of it and for tests of the portal behind it.

with identity_provider(tmp_path) as provider:
    provider.issuer, provider.client_id, provider.client_secret
    tokens = provider.tokens("member")          # a whole login by plain HTTP
    provider.log_in(browser, provider.client().begin())  # step by step, `browser` a requests.Session
"""

import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from portal.idp.cast import PASSWORD
from portal.idp.keys import ensure_signing_key
from tests.providers.client import TIMEOUT, Attempt, Client, follow, form_with, location, submit
from tests.providers.processes import PROGRAMS, ROOT, free_port, serving

OFFLINE = ("openid", "profile", "email", "groups", "offline_access")


@dataclass
class IdentityProvider:
    """A running provider with the demo's cast."""

    issuer: str
    client_id: str
    client_secret: str
    redirect_uri: str
    state: Path
    environment: dict[str, str]

    def client(self) -> Client:
        """Return the portal's client, confidential."""
        return Client(self.issuer, self.client_id, self.client_secret, self.redirect_uri)

    def command_line(self) -> Client:
        """Return the command line's client, public; its callback is any port of 127.0.0.1."""
        return Client(self.issuer, "meshdeck-cli", redirect_uri="http://127.0.0.1:45678/callback")

    def log_in(
        self, browser: requests.Session, attempt: Attempt, username: str = "member", password: str = PASSWORD
    ) -> requests.Response:
        """Open the authorization request and fill in the login form; return the redirect to the client, or a page."""
        page = follow(browser, browser.get(attempt.url, allow_redirects=False, timeout=TIMEOUT))
        if page.is_redirect:
            return page  # logged in already
        return submit(browser, form_with(page, "login", "password"), login=username, password=password)

    def tokens(self, username: str = "member", scope: str = "openid profile email groups") -> dict[str, Any]:
        """Return a cast member's tokens for the portal's client: access_token, refresh_token, id_token, expires_in."""
        client, browser = self.client(), requests.Session()
        attempt = client.begin(scope)
        _, query = location(self.log_in(browser, attempt, username))
        answer = client.exchange(attempt, query["code"])
        answer.raise_for_status()
        tokens: dict[str, Any] = answer.json()
        return tokens

    def consent(
        self, browser: requests.Session, page: requests.Response, scopes: tuple[str, ...] = OFFLINE
    ) -> requests.Response:
        """Tick these scopes in the consent form and authorize the client; return the redirect to it."""
        form = form_with(page, "request", "scopes")
        # A browser sends one field per tick; `submit` keeps one value per name.
        ticked = [*form.fields.items(), *(("scopes", scope) for scope in scopes), ("action", "grant")]
        data = [(name, value) for name, value in ticked if name != "scopes" or value in scopes]
        return browser.post(form.action, data=data, allow_redirects=False, timeout=TIMEOUT)

    def long_login(self, username: str = "member", scopes: tuple[str, ...] = OFFLINE) -> dict[str, Any]:
        """Return the tokens of a consented login of the command line's client that asks to stay logged in."""
        client, browser = self.command_line(), requests.Session()
        attempt = client.begin(" ".join(OFFLINE))
        page = self.log_in(browser, attempt, username)
        _, query = location(self.consent(browser, page, scopes))
        answer = client.exchange(attempt, query["code"])
        answer.raise_for_status()
        tokens: dict[str, Any] = answer.json()
        return tokens

    def manage(self, *arguments: str) -> str:
        """Run a management command of the provider; return its output."""
        return _manage(self.environment, *arguments)


def _manage(environment: dict[str, str], *arguments: str) -> str:
    command = [sys.executable, "manage.py", *arguments]
    done = subprocess.run(
        command, cwd=ROOT, env={**PROGRAMS, **environment}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(arguments)} failed: {done.stderr[-2000:]}")
    return done.stdout


@contextmanager
def identity_provider(
    state: Path,
    port: int | None = None,
    host: str = "127.0.0.1",
    redirect_uri: str = "http://127.0.0.1:28000/oidc/callback/",
    log_level: str = "INFO",
    **settings: str,
) -> Iterator[IdentityProvider]:
    """Start the provider on a port of its own with a database in `state`; it ends with the block.

    `settings` are more environment variables without their prefix MESHDECK_IDP_, e.g. ACCESS_TOKEN_SECONDS="5".
    `host` "localhost" makes passkeys possible, which browsers refuse on a bare address.
    """
    port = port or free_port()
    issuer, secret = f"http://{host}:{port}", secrets.token_urlsafe(32)
    state.mkdir(parents=True, exist_ok=True)
    environment = {
        "DJANGO_SETTINGS_MODULE": "tests.providers.quick.settings",
        "MESHDECK_STATE": str(state),
        "MESHDECK_LOG_LEVEL": log_level,
        "MESHDECK_IDP_ISSUER": issuer,
        "MESHDECK_IDP_SECRET_KEY": secrets.token_urlsafe(48),
        "MESHDECK_IDP_CLIENT_SECRET": secret,
        "MESHDECK_IDP_REDIRECT_URIS": redirect_uri,
        "MESHDECK_IDP_SIGNING_KEY_FILE": str(ensure_signing_key(state / "idp-signing-key.pem")),
        "MESHDECK_IDP_DEMO": "1",
        # A test run logs in far more often from one address than people do.
        "MESHDECK_IDP_LOGIN_RATE": "600/m/ip",
        "MESHDECK_IDP_DEVICE_POLL_SECONDS": "1",
        **{f"MESHDECK_IDP_{name}": value for name, value in settings.items()},
    }
    _manage(environment, "migrate", "--verbosity", "0")
    _manage(environment, "seed_idp")
    # One process with threads: without Redis the codes are in its memory.
    command = [sys.executable, "-m", "gunicorn", "tests.providers.quick.wsgi", "--bind", f"127.0.0.1:{port}"]
    command += ["--workers", "1", "--worker-class", "gthread", "--threads", "4", "--no-control-socket"]
    ready = f"{issuer}/.well-known/openid-configuration"
    with serving(command, ready, state / "idp.log", environment):
        yield IdentityProvider(issuer, "portal", secret, redirect_uri, state, environment)
