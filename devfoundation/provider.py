"""The identity provider as UAA uses it: discovery, code exchange, signatures (OpenID Connect Core 1.0, PKCE)."""

import base64
import hashlib
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import jwt
import requests

from devfoundation.people import Session
from devfoundation.settings import Settings

SECONDS = 10
LEEWAY = 10
SCOPES = "openid profile email groups"


class Distrusted(Exception):
    """What came from the provider, or claims to, failed a check; or the provider does not answer."""


class Undecodable(Distrusted):
    """Not a signed token at all."""


@dataclass(frozen=True, slots=True)
class Provider:
    """The one provider of this UAA. It is queried each time: it may be restarted with other keys."""

    settings: Settings

    @property
    def callback(self) -> str:
        """Where the provider sends browsers back to."""
        return f"{self.settings.uaa_url}/login/callback/{self.settings.origin}"

    def login_url(self, session: Session) -> str:
        """Return the authorization request for a pending login, with PKCE."""
        challenge = base64.urlsafe_b64encode(hashlib.sha256(session.verifier.encode()).digest()).rstrip(b"=")
        query = {
            "client_id": self.settings.client_id,
            "response_type": "code",
            "redirect_uri": self.callback,
            "scope": SCOPES,
            "state": session.state,
            "nonce": session.nonce,
            "code_challenge": challenge.decode(),
            "code_challenge_method": "S256",
        }
        return f"{self._metadata()['authorization_endpoint']}?{urlencode(query)}"

    def claims_of_login(self, code: str, session: Session) -> dict[str, Any]:
        """Exchange the code for an ID token, verify that, and return the person's claims."""
        data = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.callback,
            "code_verifier": session.verifier,
        }
        credentials = (self.settings.client_id, self.settings.client_secret)
        try:
            answer = requests.post(
                self._metadata()["token_endpoint"], data=data, auth=credentials, timeout=SECONDS, allow_redirects=False
            )
            token = answer.json().get("id_token")
        except (requests.RequestException, ValueError, AttributeError) as error:
            raise Distrusted("The identity provider did not accept the code.") from error
        claims = self.verified(token)
        if claims.get("nonce") != session.nonce:
            raise Distrusted("The ID token is for another login.")
        return claims

    def verified(self, token: object) -> dict[str, Any]:
        """Verify an unexpired token that the provider has signed for this UAA, and return its claims."""
        if not isinstance(token, str):
            raise Distrusted("There is no token.")
        try:
            key_id = str(jwt.get_unverified_header(token).get("kid"))
        except jwt.DecodeError as error:
            raise Undecodable("Unable to decode expected id_token") from error
        try:
            key = self._key(key_id)
            return jwt.decode(
                token,
                key.key,
                algorithms=["RS256"],
                audience=self.settings.client_id,
                issuer=self.settings.issuer,
                leeway=LEEWAY,
                options={"require": ["iss", "sub", "aud", "exp"]},
            )
        except jwt.PyJWTError as error:
            raise Distrusted(f"The token is not valid: {error}") from error

    def _key(self, key_id: str) -> jwt.PyJWK:
        found = jwt.PyJWKSet.from_dict(self._get(self._metadata()["jwks_uri"])).keys
        for key in found:
            if key.key_id == key_id:
                return key
        raise Distrusted("The token is signed with a key that the provider does not publish.")

    def _metadata(self) -> dict[str, Any]:
        metadata = self._get(f"{self.settings.issuer}/.well-known/openid-configuration")
        if metadata.get("issuer") != self.settings.issuer:
            raise Distrusted("The identity provider claims to be a different issuer.")
        return metadata

    def _get(self, url: str) -> dict[str, Any]:
        try:
            answer = requests.get(url, timeout=SECONDS, allow_redirects=False)
            answer.raise_for_status()
            body = answer.json()
        except (requests.RequestException, ValueError) as error:
            raise Distrusted("The identity provider does not answer.") from error
        if not isinstance(body, dict):
            raise Distrusted("The identity provider's response can't be used.")
        return body
