"""Discovery of the identity provider: endpoints and keys, found by the issuer URL alone.

OpenID Connect Discovery 1.0. Nothing is fetched before it is needed, so the portal starts while the provider is down.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Generic, TypeVar
from urllib.parse import urlsplit

import jwt
from django.conf import settings

from portal.identity import http
from portal.identity.errors import LoginRefused, ProviderRefused, ProviderUnreachable

Fetched = TypeVar("Fetched")
logger = logging.getLogger(__name__)

# Signatures that only the provider can make. Not HS256: its key would be the client secret, or a public key.
ALGORITHMS = {
    "RS256": "RSA", "RS384": "RSA", "RS512": "RSA", "PS256": "RSA", "PS384": "RSA", "PS512": "RSA",
    "ES256": "EC", "ES384": "EC", "ES512": "EC", "EdDSA": "OKP",
}  # fmt: skip
FRESH_SECONDS = 600.0
ANSWERED_SECONDS = 5.0  # a provider that answered so lately is taken to answer the next browser too
RETRY_SECONDS = 3.0  # after a failure, waiting requests do not all ask the provider again
NEW_KEYS_SECONDS = 10.0  # tokens with made-up key ids must not make us fetch the keys each time


@dataclass(frozen=True)
class Metadata:
    """The checked part of the discovery document that the portal uses; missing endpoints are empty."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str
    end_session_endpoint: str
    revocation_endpoint: str
    algorithms: frozenset[str]
    grants: frozenset[str]  # empty if the document lists none
    basic_auth: bool
    names_itself: bool

    @property
    def host(self) -> str:
        """The provider's name on pages: the issuer's host."""
        return urlsplit(self.issuer).netloc


class _Remembered(Generic[Fetched]):
    """A fetched value and its age. Old values stay in use until new ones are fetched; failures are kept for seconds."""

    def __init__(self, fetch: Callable[[], Fetched]) -> None:
        self._fetch = fetch
        self._lock = threading.Lock()
        self._value: Fetched | None = None
        self._fetched_at = self._failed_at = -float("inf")
        self._failure = ""

    def age(self) -> float:
        """Return the seconds since the last successful fetch."""
        return time.monotonic() - self._fetched_at

    def last(self) -> Fetched:
        """Return the value, however old; it is fetched only if there is none yet."""
        return self._value if self._value is not None else self.get()

    def get(self, anew: bool = False, within: float = FRESH_SECONDS, old: bool = True) -> Fetched:
        """Return the value fetched `within` these seconds, else fetched now; if that fails the `old` one, or raise."""
        asked_at = time.monotonic()
        value = self._value
        if value is not None and not anew and self.age() < within:
            return value
        with self._lock:  # one thread fetches, the others use its result
            if self._value is not None and self._fetched_at > (asked_at if anew else asked_at - within):
                return self._value
            if time.monotonic() - self._failed_at > RETRY_SECONDS:
                try:
                    self._value = self._fetch()
                    self._fetched_at = time.monotonic()
                    return self._value
                except ProviderUnreachable as error:
                    self._failed_at, self._failure = time.monotonic(), str(error)
                    logger.warning("provider_unreachable: %s", error)
            if self._value is not None and old:
                return self._value
            raise ProviderUnreachable(self._failure)


class Provider:
    """One provider, whose documents are cached for ten minutes in this process."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer
        self._metadata = _Remembered(lambda: read_metadata(self.issuer))
        self._keys = _Remembered(lambda: _read_keys(self.metadata().jwks_uri))

    def metadata(self) -> Metadata:
        """Return the discovery document. Raises ProviderUnreachable if there is none and it can't be fetched now."""
        return self._metadata.get()

    def answering(self) -> Metadata:
        """Return the document of a provider that answers now. Raises ProviderUnreachable if it does not."""
        return self._metadata.get(within=ANSWERED_SECONDS, old=False)

    def known(self) -> Metadata:
        """Return the last fetched discovery document, for pages that must not wait for the provider. As `metadata`."""
        return self._metadata.last()

    def key(self, key_id: str | None, algorithm: str) -> jwt.PyJWK:
        """Return the published key for a token's `kid` and `alg`; fetch the keys anew for an unknown one, rate limited.

        Raises LoginRefused if there is no such key, ProviderUnreachable if the keys can't be fetched.
        """
        found = _matching(self._keys.get(), key_id, algorithm)
        if not found and self._keys.age() > NEW_KEYS_SECONDS:
            found = _matching(self._keys.get(anew=True), key_id, algorithm)
            if not found and self._keys.age() > NEW_KEYS_SECONDS:
                raise ProviderUnreachable("The provider's keys can't be fetched.")
        if len(found) != 1:
            raise LoginRefused("The token is signed with a key that the provider does not publish.")
        return found[0]


def provider() -> Provider:
    """Return the provider of MESHDECK_OIDC_ISSUER."""
    return _provider(settings.OIDC_ISSUER)


def forget_providers() -> None:
    """Drop everything that this process has cached about its provider."""
    _provider.cache_clear()


@lru_cache(maxsize=16)
def _provider(issuer: str) -> Provider:
    return Provider(issuer)


def read_metadata(issuer: str) -> Metadata:
    """Fetch and check the discovery document (sections 3 and 4.3). Raises ProviderUnreachable with the reason."""
    url = f"{issuer}/.well-known/openid-configuration"
    try:
        said = http.ask("GET", url)
    except ProviderRefused as error:
        raise ProviderUnreachable(f"{url} returned an error ({error.error}).") from error
    if said.get("issuer") not in (issuer, f"{issuer}/"):
        raise ProviderUnreachable(f"{url} names a different issuer than MESHDECK_OIDC_ISSUER.")

    def endpoint(name: str, needed: bool = False) -> str:
        value = said.get(name, "")
        if value == "" and not needed:
            return ""
        if not isinstance(value, str) or not safe_to_send_secrets(value, issuer):
            raise ProviderUnreachable(f"{url}: {name} is missing or not an https URL.")
        return value

    def names(key: str, default: list[str]) -> list[str]:
        value = said.get(key, default)
        if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
            raise ProviderUnreachable(f"{url}: {key} is not a list of names.")
        return value

    algorithms = frozenset(names("id_token_signing_alg_values_supported", ["RS256"])) & ALGORITHMS.keys()
    if not algorithms:
        raise ProviderUnreachable(f"{url}: no accepted signature algorithm for ID tokens ({', '.join(ALGORITHMS)}).")
    # A provider without PKCE ignores it; one that lists methods without S256 would refuse the login later.
    if "S256" not in names("code_challenge_methods_supported", ["S256"]):
        raise ProviderUnreachable(f"{url}: the provider does not support PKCE with S256.")
    if "code" not in names("response_types_supported", ["code"]):
        raise ProviderUnreachable(f"{url}: the provider does not support the authorization code flow.")
    return Metadata(
        issuer=str(said["issuer"]),
        authorization_endpoint=endpoint("authorization_endpoint", needed=True),
        token_endpoint=endpoint("token_endpoint", needed=True),
        jwks_uri=endpoint("jwks_uri", needed=True),
        userinfo_endpoint=endpoint("userinfo_endpoint"),
        end_session_endpoint=endpoint("end_session_endpoint"),
        revocation_endpoint=endpoint("revocation_endpoint"),
        algorithms=algorithms,
        grants=frozenset(names("grant_types_supported", [])),
        basic_auth="client_secret_basic" in names("token_endpoint_auth_methods_supported", ["client_secret_basic"]),
        names_itself=said.get("authorization_response_iss_parameter_supported") is True,
    )


def safe_to_send_secrets(url: str, issuer: str) -> bool:
    """Return whether the URL is https, or plain http to a provider on this machine."""
    try:
        target = urlsplit(url)
    except ValueError:
        return False
    if not target.hostname or target.fragment:
        return False
    return target.scheme == "https" or (
        target.scheme == "http" and is_loopback(target.hostname) and is_loopback(urlsplit(issuer).hostname or "")
    )


def is_loopback(host: str) -> bool:
    """Return whether the host is this machine."""
    return host in ("localhost", "127.0.0.1", "::1")


def _read_keys(url: str) -> list[dict[str, Any]]:
    try:
        said = http.ask("GET", url)
    except ProviderRefused as error:
        raise ProviderUnreachable(f"{url} returned an error ({error.error}).") from error
    keys = said.get("keys")
    if not isinstance(keys, list) or not all(isinstance(key, dict) for key in keys):
        raise ProviderUnreachable(f"{url} has no list of keys.")
    return keys


def _matching(keys: list[dict[str, Any]], key_id: str | None, algorithm: str) -> list[jwt.PyJWK]:
    """Return keys that could have made the signature: type, use, algorithm and id match and the key is strong."""
    found = []
    for key in keys:
        if key.get("kty") != ALGORITHMS[algorithm] or key.get("use", "sig") != "sig":
            continue
        if key.get("alg", algorithm) != algorithm or (key_id is not None and key.get("kid") != key_id):
            continue
        try:
            opened = jwt.PyJWK(key, algorithm)
        except (jwt.PyJWTError, ValueError):
            continue  # malformed, or on another curve: it can't have made this signature
        if ALGORITHMS[algorithm] == "RSA" and opened.key.key_size < 2048:
            continue
        found.append(opened)
    return found
