"""UAA's own tokens: signed access tokens, and opaque refresh tokens."""

import secrets
import threading
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from devfoundation.people import User
from devfoundation.settings import Settings

ACCESS_SECONDS = 600
REFRESH_SECONDS = 30 * 24 * 3600
KEY_ID = "key-1"
AUDIENCE = "cloud_controller"
SCOPES = ("cloud_controller.read", "cloud_controller.write", "openid")


class Tokens:
    """Signs with a key that is generated at the start: a restart invalidates all tokens."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self._refresh: dict[str, tuple[str, str, float]] = {}
        self._lock = threading.Lock()

    @property
    def issuer(self) -> str:
        """The value of `iss`."""
        return f"{self.settings.uaa_url}/oauth/token"

    def answer(self, user: User, client_id: str, grant: str, *, refresh: bool) -> dict[str, Any]:
        """Build the token endpoint's response."""
        token_id = secrets.token_hex(16)
        now = int(self.settings.now())
        claims = {
            "jti": token_id,
            "sub": user.id,
            "scope": list(SCOPES),
            "client_id": client_id,
            "cid": client_id,
            "azp": client_id,
            "grant_type": grant,
            "user_id": user.id,
            "user_name": user.name,
            "email": user.email,
            "origin": user.origin,
            "iat": now,
            "exp": now + ACCESS_SECONDS,
            "iss": self.issuer,
            "zid": "uaa",
            "aud": sorted({AUDIENCE, "openid", client_id}),
        }
        access = jwt.encode(claims, self._key, algorithm="RS256", headers={"kid": KEY_ID})
        said: dict[str, Any] = {"access_token": access, "token_type": "bearer", "expires_in": ACCESS_SECONDS - 1}
        said |= {"scope": " ".join(SCOPES), "jti": token_id}
        if refresh:
            said["refresh_token"] = f"{secrets.token_hex(16)}-r"
            with self._lock:
                self._refresh[said["refresh_token"]] = (user.id, client_id, now + REFRESH_SECONDS)
        return said

    def user_of_refresh(self, token: str, client_id: str) -> str | None:
        """Return whose refresh token it is, for the client that it was issued to."""
        user_id, owner, ends_at = self._refresh.get(token, ("", "", 0.0))
        return user_id if owner == client_id and self.settings.now() < ends_at else None

    def user_of_access(self, token: str) -> str | None:
        """Return whose access token it is, for the Cloud Controller; None for any other, and for an expired one."""
        try:
            claims = jwt.decode(
                token,
                self._key.public_key(),
                algorithms=["RS256"],
                audience=AUDIENCE,
                issuer=self.issuer,
                options={"verify_exp": False, "verify_iat": False},  # checked against our clock below
            )
        except jwt.PyJWTError:
            return None
        return str(claims["user_id"]) if self.settings.now() < claims["exp"] else None

    def public_key(self) -> dict[str, Any]:
        """Return the key as UAA publishes it: a JWK (RFC 7517) with the PEM."""
        public = self._key.public_key()
        pem = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        jwk: dict[str, Any] = jwt.algorithms.RSAAlgorithm.to_jwk(public, as_dict=True)
        return {name: jwk[name] for name in ("kty", "e", "n")} | {
            "use": "sig",
            "kid": KEY_ID,
            "alg": "RS256",
            "value": pem.decode(),
        }
