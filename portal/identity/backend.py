"""Authenticate a person from the provider's response: mozilla-django-oidc's flow with strict checks.

This class adds what the library leaves out: issuer, audience and azp, the subject of userinfo, people keyed on issuer
and subject instead of e-mail, refresh tokens, time limits, and typed errors instead of exceptions that end as 500.
"""

import logging
from typing import Any

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import AbstractBaseUser
from django.db.models import QuerySet
from mozilla_django_oidc.auth import OIDCAuthenticationBackend

from portal.identity import tokens
from portal.identity.discovery import provider
from portal.identity.errors import LoginRefused
from portal.identity.models import User
from portal.identity.profile import WANTED, Claims, profile

logger = logging.getLogger(__name__)


class OpenIDBackend(OIDCAuthenticationBackend):  # type: ignore[misc]  # the library has no types
    """`authenticate(request, nonce=…, code_verifier=…)` returns the User and sets `request.openid_tokens`
    and `request.openid_claims`, those of the ID token.

    Raises LoginRefused, ProviderRefused and ProviderUnreachable. Django creates an instance for each request with a
    session, so the constructor must cost nothing: it reads no settings and asks no provider.
    """

    def __init__(self) -> None:
        self.UserModel = User
        self.OIDC_RP_CLIENT_ID = settings.OIDC_RP_CLIENT_ID
        self.OIDC_RP_CLIENT_SECRET = settings.OIDC_RP_CLIENT_SECRET

    def get_token(self, payload: dict[str, str]) -> dict[str, str]:
        """Exchange the code for tokens; only the code and the PKCE verifier of the library's payload are used."""
        answer = tokens.exchange(payload["code"], payload["code_verifier"])
        if not answer.id_token:
            raise LoginRefused("The provider answered without an ID token.")
        self.request.openid_tokens = answer
        return {"id_token": answer.id_token, "access_token": answer.access_token}

    def verify_token(self, token: str, **kwargs: Any) -> Claims:
        """Return the claims of an ID token after every check. The nonce is required."""
        nonce = kwargs["nonce"]
        if not nonce:
            raise LoginRefused("The login has no nonce.")
        claims = tokens.verify_id_token(token, nonce=nonce)
        self.request.openid_claims = claims
        return claims

    def store_tokens(self, access_token: str, id_token: str) -> None:
        """Store nothing in the session: tokens go to the vault (portal.identity.sessions.begin)."""

    def get_userinfo(self, access_token: str, id_token: str, payload: Claims) -> Claims:
        """Return the person's claims. Userinfo is requested only for what the ID token lacks and can't override it."""
        if all(name in payload for name in WANTED):
            return payload
        return {**tokens.userinfo(access_token, payload["sub"]), **payload}

    def verify_claims(self, claims: Claims) -> bool:
        """Return True: everything is verified by now, and an e-mail address is not required."""
        return True

    def filter_users_by_claims(self, claims: Claims) -> QuerySet[User]:
        """Find the person with this issuer and subject."""
        return User.objects.filter(issuer=provider().metadata().issuer, subject=claims["sub"])

    def create_user(self, claims: Claims) -> User:
        """Create a person at their first login. Two simultaneous first logins create one person."""
        user, _ = User.objects.get_or_create(
            issuer=provider().metadata().issuer, subject=claims["sub"], defaults=profile(claims)
        )
        logger.info("user_created: user=%s", user.pk)
        return user

    def update_user(self, user: User, claims: Claims) -> User:
        """Update the profile and the operator's right from the provider at each login."""
        said = profile(claims)
        for name, value in said.items():
            setattr(user, name, value)
        user.save(update_fields=list(said))
        return user

    def get_user(self, user_id: int) -> AbstractBaseUser | None:
        """Return the person of a session, or None if they have since been deactivated, which the library ignores."""
        return ModelBackend().get_user(user_id)
