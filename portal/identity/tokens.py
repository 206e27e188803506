"""The provider's tokens: request, renew and revoke them, and verify everything before it is believed.

OpenID Connect Core 1.0, sections 3.1.3 and 12; RFC 6749; RFC 7009. Nothing here touches the database or a session.
"""

import hmac
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote_plus

import jwt
from django.conf import settings
from django.urls import reverse
from requests.auth import HTTPBasicAuth

from portal.identity import http
from portal.identity.discovery import Metadata, provider
from portal.identity.errors import LoginRefused, ProviderRefused, ProviderUnreachable

LEEWAY = timedelta(seconds=60)  # how far the provider's clock and ours may differ
SILENT_LIFE = timedelta(minutes=5)  # assumed lifetime of an access token if the provider gives none
LONGEST_LIFE = timedelta(days=3650)


@dataclass(frozen=True, repr=False)
class TokenAnswer:
    """A checked response of the token endpoint. Missing tokens are empty."""

    access_token: str
    refresh_token: str
    id_token: str
    received_at: datetime
    expires_at: datetime
    refresh_expires_at: datetime | None
    scopes: frozenset[str] | None = None  # None: all that were requested (RFC 6749, section 5.1)


@dataclass(frozen=True, slots=True)
class Client:
    """A client of the provider. Without a secret it is public: it names itself, and PKCE replaces the secret."""

    id: str
    redirect_uri: str
    secret: str = field(default="", repr=False)


def portal() -> Client:
    """Return the portal's own client, by which people log in here."""
    return Client(settings.OIDC_RP_CLIENT_ID, redirect_uri(), settings.OIDC_RP_CLIENT_SECRET)


def command_line(client_id: str = "") -> Client:
    """Return the command line's client, for which the portal requests offline tokens.

    `client_id` is the client that an existing token belongs to, whatever is configured now.
    """
    return Client(client_id or settings.CLI_CLIENT_ID, f"{settings.BASE_URL}{reverse('offline_answer')}")


def exchange(code: str, verifier: str, client: Client | None = None) -> TokenAnswer:
    """Exchange the authorization code for tokens. Raises ProviderRefused and ProviderUnreachable."""
    client = client or portal()
    fields = {"code": code, "code_verifier": verifier, "redirect_uri": client.redirect_uri}
    return _token_request({"grant_type": "authorization_code", **fields}, client)


def refresh(refresh_token: str, client: Client | None = None) -> TokenAnswer:
    """Exchange a refresh token for new tokens. Raises ProviderRefused and ProviderUnreachable."""
    return _token_request({"grant_type": "refresh_token", "refresh_token": refresh_token}, client or portal())


def revoke(refresh_token: str, client: Client | None = None) -> bool:
    """Revoke the refresh token at the provider. Return False if the provider has no revocation endpoint.

    Raises ProviderRefused and ProviderUnreachable.
    """
    metadata = provider().metadata()
    if not metadata.revocation_endpoint:
        return False
    fields = {"token": refresh_token, "token_type_hint": "refresh_token"}
    data, auth = _as_client(metadata, fields, client or portal())
    http.tell(metadata.revocation_endpoint, data=data, auth=auth)
    return True


def redirect_uri() -> str:
    """Return the callback address; from MESHDECK_BASE_URL, never from a request's Host."""
    return f"{settings.BASE_URL}{reverse('oidc_authentication_callback')}"


def verify_id_token(
    token: str, *, nonce: str | None, subject: str | None = None, client: Client | None = None
) -> dict[str, Any]:
    """Verify an ID token, issued by this provider for this client and still valid, and return its claims.

    `nonce` is the login's; None for a token that came with a renewal, whose `subject` must be the same as before
    (section 12.2). Raises LoginRefused naming the check that failed, ProviderUnreachable without its keys.
    """
    client_id = (client or portal()).id
    claims = _verified("ID token", token, [client_id], ["iss", "sub", "aud", "exp", "iat"])
    _check_parties(claims, client_id, nonce, subject)
    return claims


def verify_access_token(token: str) -> dict[str, Any]:
    """Verify an unexpired access token that this provider issued for MESHDECK_API_AUDIENCE, and return its claims.

    A JWT as in RFC 9068, from any client. Raises what `verify_id_token` raises.
    """
    claims = _verified("access token", token, settings.API_AUDIENCE, ["iss", "sub", "aud", "exp"])
    _check_subject("access token", claims)
    # The work done with it continues after this request: no leeway.
    if int(claims["exp"]) <= datetime.now(UTC).timestamp():
        raise LoginRefused("The access token has expired.")
    return claims


def _verified(kind: str, token: str, audience: Sequence[str], required: list[str]) -> dict[str, Any]:
    """Return the claims of a JWT signed by the provider, for one of `audience`, valid by our clock."""
    source = provider()
    metadata = source.metadata()
    try:
        header = jwt.get_unverified_header(token)
    except jwt.PyJWTError as error:
        raise LoginRefused(f"The {kind} is not a signed JWT.") from error
    algorithm, key_id = header.get("alg"), header.get("kid")
    if not isinstance(algorithm, str) or algorithm not in metadata.algorithms:
        raise LoginRefused(f"The {kind} is signed with an algorithm that the provider does not announce.")
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            source.key(key_id, algorithm),
            algorithms=[algorithm],
            audience=audience,
            issuer=metadata.issuer,
            leeway=LEEWAY,
            options={"require": required},
        )
    except (jwt.PyJWTError, TypeError, ValueError, OverflowError) as error:  # the last three: times that aren't numbers
        raise LoginRefused(f"The {kind} is not valid ({type(error).__name__}).") from error
    return claims


def _check_subject(kind: str, claims: dict[str, Any]) -> None:
    if not isinstance(claims["sub"], str) or not 0 < len(claims["sub"]) <= 255:
        raise LoginRefused(f"The {kind}'s subject is empty or too long.")


def _check_parties(claims: dict[str, Any], client_id: str, nonce: str | None, subject: str | None) -> None:
    if isinstance(claims["aud"], list) and len(claims["aud"]) > 1 and claims.get("azp") is None:
        raise LoginRefused("The ID token has several audiences but no authorized party (azp).")
    if claims.get("azp") not in (None, client_id):
        raise LoginRefused("The ID token was issued for another client (azp).")
    _check_subject("ID token", claims)
    if subject is not None and claims["sub"] != subject:
        raise LoginRefused("The renewed ID token is about somebody else.")
    said = claims.get("nonce")
    if nonce is not None and not (isinstance(said, str) and hmac.compare_digest(said.encode(), nonce.encode())):
        raise LoginRefused("The ID token belongs to another login (nonce).")


def userinfo(access_token: str, subject: str) -> dict[str, Any]:
    """Return more claims about `subject`; empty if the provider has none for this token.

    An access token issued for the clouds is often not accepted by the provider itself (RFC 8707): its 401 means "no
    more claims". Raises LoginRefused if the response is about somebody else, and ProviderUnreachable.
    """
    url = provider().metadata().userinfo_endpoint
    if not url:
        return {}
    try:
        said = http.ask("GET", url, auth=http.Bearer(access_token))
    except ProviderRefused:
        return {}
    if said.get("sub") != subject:
        raise LoginRefused("The userinfo response is about somebody else.")
    return said


def _token_request(fields: dict[str, str], client: Client) -> TokenAnswer:
    metadata = provider().metadata()
    data, auth = _as_client(metadata, fields, client)
    asked_at = datetime.now(UTC)
    said = http.ask("POST", metadata.token_endpoint, data=data, auth=auth)

    def text(name: str) -> str:
        value = said.get(name) or ""
        if not isinstance(value, str):
            raise ProviderUnreachable(f"{metadata.token_endpoint}: {name} is not a string.")
        return value

    if not text("access_token") or text("token_type").lower() != "bearer":
        raise ProviderUnreachable(f"{metadata.token_endpoint} answered without a bearer access token.")
    life, refresh_life = (_seconds(said, name, metadata) for name in ("expires_in", "refresh_expires_in"))
    return TokenAnswer(
        access_token=text("access_token"),
        refresh_token=text("refresh_token"),
        id_token=text("id_token"),
        received_at=asked_at,
        expires_at=asked_at + (SILENT_LIFE if life is None else life),
        # Keycloak: 0 means that an offline token does not expire.
        refresh_expires_at=asked_at + refresh_life if refresh_life else None,
        scopes=frozenset(text("scope").split()) if said.get("scope") is not None else None,
    )


def _seconds(said: dict[str, Any], name: str, metadata: Metadata) -> timedelta | None:
    value = said.get(name)
    if value is None:
        return None
    try:
        seconds = float(value)
    except (TypeError, ValueError, OverflowError):
        seconds = math.nan
    if not 0 <= seconds < math.inf:
        raise ProviderUnreachable(f"{metadata.token_endpoint}: {name} is not a number of seconds.")
    return min(timedelta(seconds=min(seconds, 1e9)), LONGEST_LIFE)


def _as_client(
    metadata: Metadata, fields: dict[str, str], client: Client
) -> tuple[dict[str, str], HTTPBasicAuth | None]:
    """Authenticate the client: HTTP Basic if offered (the standard's default), else in the body."""
    if not client.secret:
        return {**fields, "client_id": client.id}, None
    if metadata.basic_auth:  # encoded: RFC 6749, section 2.3.1
        return fields, HTTPBasicAuth(quote_plus(client.id), quote_plus(client.secret))
    return {**fields, "client_id": client.id, "client_secret": client.secret}, None
