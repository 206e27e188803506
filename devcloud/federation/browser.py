"""WSGI middleware: send a browser to the identity provider, and identify it when it returns.

What mod_auth_openidc does at these paths: authorization code flow with PKCE (OpenID Connect Core 1.0, RFC 7636) as a
public client. The login applies to the one request that asked for it. No session is kept.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import html
import json
import re
import secrets
from collections.abc import Callable, Iterable
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs, urlencode

import requests

from devcloud.cast import BROWSER_CLIENT
from devcloud.federation.bearer import Refused, variables, verified
from devcloud.federation.trust import TIMEOUT, ProviderUnreachable, TrustedIssuers, metadata

# Where Keystone issues a token for a browser that another site has sent (WebSSO).
WEBSSO = re.compile(r"/+v3/+auth/+OS-FEDERATION/+(websso/+[^/]+|identity_providers/+[^/]+/+protocols/+[^/]+/+websso)/*")
# Where the provider sends the browser back to.
CALLBACK = "/oidc/redirect"
COOKIE = "devcloud-login"
# Seconds that a person has for logging in.
PATIENCE = 600


class BrowserLogin:
    """Protects the browser paths of a Keystone application that answers at `url` (without a path)."""

    def __init__(self, application: Callable, issuers: TrustedIssuers, url: str) -> None:
        self.application = application
        self.issuers = issuers
        self.redirect_uri = url + CALLBACK

    def __call__(self, environ: dict[str, Any], start_response: Callable) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        try:
            if WEBSSO.fullmatch(path):
                return self.send(environ, start_response)
            if path == CALLBACK:
                return self.receive(environ, start_response)
        except Refused as reason:
            return page(start_response, "401 Unauthorized", str(reason))
        except ProviderUnreachable as reason:
            return page(start_response, "503 Service Unavailable", str(reason))
        return self.application(environ, start_response)

    def send(self, environ: dict[str, Any], start_response: Callable) -> Iterable[bytes]:
        """Redirect to the provider that is trusted first. The request is kept in the browser's own cookie."""
        issuer = self.issuers.first()
        verifier = secrets.token_urlsafe(48)
        asked = {
            "state": secrets.token_urlsafe(24),
            "verifier": verifier,
            "issuer": issuer,
            "path": environ["PATH_INFO"],
            "query": environ.get("QUERY_STRING", ""),
        }
        query = {
            "response_type": "code",
            "client_id": BROWSER_CLIENT,
            "redirect_uri": self.redirect_uri,
            "scope": "openid profile email groups",
            "state": asked["state"],
            "code_challenge": _unpadded(hashlib.sha256(verifier.encode()).digest()),
            "code_challenge_method": "S256",
        }
        headers = [
            ("Location", f"{metadata(issuer)['authorization_endpoint']}?{urlencode(query)}"),
            ("Set-Cookie", _cookie(_unpadded(json.dumps(asked).encode()), PATIENCE)),
            ("Cache-Control", "no-store"),
        ]
        start_response("302 Found", headers)
        return [b""]

    def receive(self, environ: dict[str, Any], start_response: Callable) -> Iterable[bytes]:
        """Handle the return from the provider: answer the original request as the person whose code it is."""
        asked = _asked(environ)
        given = {name: values[0] for name, values in parse_qs(environ.get("QUERY_STRING", "")).items()}
        if not hmac.compare_digest(given.get("state", "").encode(), asked["state"].encode()):
            raise Refused("This login was not started in this browser.")
        if asked["issuer"] not in self.issuers or "code" not in given:
            raise Refused(f"The identity provider did not log you in: {given.get('error', 'no code')}.")
        token = self.exchange(asked, given["code"])
        environ.update(variables(verified(token, self.issuers)))
        environ.update(PATH_INFO=asked["path"], QUERY_STRING=asked["query"])

        def once(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            return start_response(status, [*headers, ("Set-Cookie", _cookie("", 0))], *rest)

        return self.application(environ, once)

    def exchange(self, asked: dict[str, str], code: str) -> str:
        """Exchange the code for the access token. Raises Refused and ProviderUnreachable."""
        sent = {
            "grant_type": "authorization_code",
            "client_id": BROWSER_CLIENT,
            "code": code,
            "redirect_uri": self.redirect_uri,
            "code_verifier": asked["verifier"],
        }
        try:
            answer = requests.post(metadata(asked["issuer"])["token_endpoint"], data=sent, timeout=TIMEOUT)
        except requests.RequestException as error:
            raise ProviderUnreachable(f"{asked['issuer']} does not answer: {type(error).__name__}") from error
        if answer.status_code != 200:
            raise Refused("The identity provider rejected its own code. Log in again.")
        return str(answer.json()["access_token"])


def page(start_response: Callable, status: str, message: str) -> Iterable[bytes]:
    """Answer with a page that says what went wrong."""
    body = f"<!doctype html><title>{status}</title><p>{html.escape(message)}</p>".encode()
    start_response(status, [("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(len(body)))])
    return [body]


def _asked(environ: dict[str, Any]) -> dict[str, str]:
    try:
        kept = SimpleCookie(environ.get("HTTP_COOKIE", ""))[COOKIE].value
        asked = json.loads(base64.urlsafe_b64decode(kept + "=" * (-len(kept) % 4)))
        found = {name: str(asked[name]) for name in ("state", "verifier", "issuer", "path", "query")}
    except (CookieError, KeyError, TypeError, ValueError) as error:
        raise Refused("This login has expired, or was started in another browser. Start again.") from error
    if not WEBSSO.fullmatch(found["path"]):
        raise Refused("This login has expired. Start again.")
    return found


def _cookie(value: str, seconds: int) -> str:
    return f"{COOKIE}={value}; Path={CALLBACK}; Max-Age={seconds}; HttpOnly; SameSite=Lax"


def _unpadded(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()
