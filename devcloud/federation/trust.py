"""Which issuers are trusted, and their keys: OpenID Connect Discovery 1.0 and RFC 7517."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import jwt
import requests

# A provider that hangs must not block Keystone's threads for long.
TIMEOUT = 3
# Keys are fetched again after this time, so that a withdrawn key stops working.
KEYS_LAST = 600
# An unknown key id triggers another fetch, but only this often: anybody can send an invented one.
LOOK_AGAIN_AFTER = 5


class ProviderUnreachable(Exception):
    """The issuer's keys are needed and can't be fetched at the moment."""


@dataclass
class Keys:
    by_id: dict[str, jwt.PyJWK] = field(default_factory=dict)
    fetched_at: float = float("-inf")
    tried_at: float = float("-inf")
    failure: str = ""


class TrustedIssuers:
    """The issuers named in a JSON file, which may change while Keystone runs."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.keys: dict[str, Keys] = {}
        self.lock = threading.Lock()

    def __contains__(self, issuer: object) -> bool:
        return isinstance(issuer, str) and issuer in json.loads(self.file.read_text())

    def first(self) -> str:
        """Return the issuer that people without a token are sent to. Raises ProviderUnreachable if none is trusted."""
        issuers = json.loads(self.file.read_text())
        if not issuers:
            raise ProviderUnreachable("no identity provider is trusted here")
        return issuers[0]

    def key(self, issuer: str, key_id: str) -> jwt.PyJWK | None:
        """Return the issuer's signing key with that id, or None if it has no such key.

        Raises ProviderUnreachable if only the provider could tell and it does not answer.
        """
        with self.lock:
            keys = self.keys.setdefault(issuer, Keys())
            now = time.monotonic()
            stale = now - keys.fetched_at > KEYS_LAST
            if (stale or key_id not in keys.by_id) and now - keys.tried_at > LOOK_AGAIN_AFTER:
                keys.tried_at = now
                try:
                    keys.by_id, keys.fetched_at, keys.failure = fetch(issuer), now, ""
                except ProviderUnreachable as error:
                    keys.failure = str(error)
            known = keys.by_id.get(key_id)
            if known is None and keys.failure:
                raise ProviderUnreachable(keys.failure)
            return known


def metadata(issuer: str) -> dict[str, str]:
    """Return the issuer's discovery document. Raises ProviderUnreachable."""
    try:
        answer = requests.get(issuer.rstrip("/") + "/.well-known/openid-configuration", timeout=TIMEOUT)
        answer.raise_for_status()
        document = answer.json()
        if document.get("issuer") != issuer:
            raise ProviderUnreachable(f"{issuer} claims to be a different issuer")
    except (requests.RequestException, ValueError, AttributeError) as error:
        raise ProviderUnreachable(f"{issuer} can't be read: {type(error).__name__}") from error
    return document


def fetch(issuer: str) -> dict[str, jwt.PyJWK]:
    """Fetch the issuer's signing keys through its discovery document."""
    try:
        answer = requests.get(metadata(issuer)["jwks_uri"], timeout=TIMEOUT)
        answer.raise_for_status()
        # Not with jwt.PyJWKSet: one key that we can't use must not hide the others.
        return {
            key["kid"]: jwt.PyJWK(key, algorithm="RS256")
            for key in answer.json()["keys"]
            if key.get("kty") == "RSA" and key.get("use", "sig") == "sig" and "kid" in key
        }
    except (requests.RequestException, ValueError, KeyError, TypeError, AttributeError, jwt.PyJWTError) as error:
        raise ProviderUnreachable(f"the keys of {issuer} can't be read: {type(error).__name__}") from error
