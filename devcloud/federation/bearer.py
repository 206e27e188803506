"""WSGI middleware: bearer access tokens (RFC 6750, RFC 9068) become the variables that Keystone's mapping reads."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from typing import Any

import jwt

from devcloud.cast import AUDIENCE
from devcloud.federation.trust import ProviderUnreachable, TrustedIssuers

# Where Keystone issues a token for what the identity provider asserted.
LOGIN = re.compile(r"/+v3/+OS-FEDERATION/+identity_providers/+[^/]+/+protocols/+[^/]+/+auth/*")
# Seconds by which the clocks of provider and cloud may differ.
LEEWAY = 10
CLAIMS = {
    "HTTP_OIDC_ISS": "iss",
    "HTTP_OIDC_SUB": "sub",
    "HTTP_OIDC_EMAIL": "email",
    "HTTP_OIDC_PREFERRED_USERNAME": "preferred_username",
}
GROUPS = "HTTP_OIDC_GROUPS"


class Refused(Exception):
    """The token is missing or invalid; the text says why."""


class BearerTokens:
    """Protects a Keystone application. Without a valid token the login path answers 401."""

    def __init__(self, application: Callable, issuers: TrustedIssuers) -> None:
        self.application = application
        self.issuers = issuers

    def __call__(self, environ: dict[str, Any], start_response: Callable) -> Iterable[bytes]:
        # On every path: what callers claim in a header must never look like the provider's assertion.
        for name in [name for name in environ if name.startswith(("HTTP_OIDC", "OIDC")) or "REMOTE_USER" in name]:
            del environ[name]
        if LOGIN.fullmatch(environ.get("PATH_INFO", "")):
            try:
                environ.update(variables(verified(bearer(environ), self.issuers)))
            except Refused as reason:
                return answer(start_response, 401, "Unauthorized", str(reason))
            except ProviderUnreachable as reason:
                return answer(start_response, 503, "Service Unavailable", str(reason))
        return self.application(environ, start_response)


def bearer(environ: dict[str, Any]) -> str:
    """Return the token that came with the request. Raises Refused."""
    scheme, _, token = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Refused("A bearer token is required.")
    return token


def verified(token: str, issuers: TrustedIssuers) -> dict[str, Any]:
    """Verify an access token issued for clouds and return its claims. Raises Refused and ProviderUnreachable."""
    try:
        header = jwt.get_unverified_header(token)
        issuer = jwt.decode(token, options={"verify_signature": False}).get("iss")
        if header.get("alg") != "RS256":
            raise Refused("The token is not signed with RS256.")
        if issuer not in issuers:
            raise Refused("The token's issuer is not trusted here.")
        key = issuers.key(issuer, str(header.get("kid")))
        if key is None:
            raise Refused("The token is signed with a key that its issuer does not publish.")
        return jwt.decode(
            token,
            key.key,
            algorithms=["RS256"],
            audience=AUDIENCE,
            issuer=issuer,
            leeway=LEEWAY,
            options={"require": ["iss", "sub", "aud", "exp"]},
        )
    except jwt.PyJWTError as error:
        raise Refused(f"The token is not valid: {error}") from error


def variables(claims: dict[str, Any]) -> dict[str, str]:
    """Return the claims as CGI variables. A missing claim sets none, and a mapping that needs it does not match."""
    found = {name: claims[claim] for name, claim in CLAIMS.items() if isinstance(claims.get(claim), str)}
    groups = claims.get("groups")
    if isinstance(groups, list):
        # Keystone splits at semicolons: a group with one in its name would count as two others.
        found[GROUPS] = ";".join(group for group in groups if isinstance(group, str) and ";" not in group)
    # PEP 3333: text in the environment is bytes decoded as Latin-1. A header can't contain a line break.
    return {name: value.encode().decode("latin-1") for name, value in found.items() if value.isprintable()}


def answer(start_response: Callable, code: int, title: str, message: str) -> Iterable[bytes]:
    """Answer with an error in Keystone's own format."""
    body = json.dumps({"error": {"code": code, "title": title, "message": message}}).encode()
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
    if code == 401:
        headers.append(("WWW-Authenticate", 'Bearer error="invalid_token"'))
    start_response(f"{code} {title}", headers)
    return [body]
