"""From the provider's answer to a person: mozilla-django-oidc's flow with every step made strict.

What the library leaves out, and this class does: issuer, audience and azp, the subject of userinfo, people keyed on
issuer and subject instead of e-mail, refresh tokens, time limits, typed errors instead of exceptions that end as 500.
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
    """`authenticate(request, nonce=…, code_verifier=…)` gives the User, with the tokens on `request.openid_tokens`.

    Raises LoginRefused, ProviderRefused and ProviderUnreachable. Django makes one of these for each request with a
    session, so making it must cost nothing: no setting is read and no provider is asked here.
    """

    def __init__(self) -> None:
        self.UserModel = User
        self.OIDC_RP_CLIENT_ID = settings.OIDC_RP_CLIENT_ID
        self.OIDC_RP_CLIENT_SECRET = settings.OIDC_RP_CLIENT_SECRET

    def get_token(self, payload: dict[str, str]) -> dict[str, str]:
        """Change the code for tokens; the library's payload is used for the code and the PKCE verifier only."""
        answer = tokens.exchange(payload["code"], payload["code_verifier"])
        if not answer.id_token:
            raise LoginRefused("The provider answered without an ID token.")
        self.request.openid_tokens = answer
        return {"id_token": answer.id_token, "access_token": answer.access_token}

    def verify_token(self, token: str, **kwargs: Any) -> Claims:
        """The claims of an ID token that passed every check. The nonce must be given."""
        nonce = kwargs["nonce"]
        if not nonce:
            raise LoginRefused("The login has no nonce.")
        return tokens.verify_id_token(token, nonce=nonce)

    def store_tokens(self, access_token: str, id_token: str) -> None:
        """Nothing goes into the session: tokens go to the vault (portal.identity.sessions.begin)."""

    def get_userinfo(self, access_token: str, id_token: str, payload: Claims) -> Claims:
        """Who it is. Userinfo is asked only for what the ID token does not tell, and can't change what it does."""
        if all(name in payload for name in WANTED):
            return payload
        return {**tokens.userinfo(access_token, payload["sub"]), **payload}

    def verify_claims(self, claims: Claims) -> bool:
        """All that had to be proven is proven by now; an e-mail address is not needed."""
        return True

    def filter_users_by_claims(self, claims: Claims) -> QuerySet[User]:
        """The one person with this issuer and subject."""
        return User.objects.filter(issuer=provider().metadata().issuer, subject=claims["sub"])

    def create_user(self, claims: Claims) -> User:
        """A person seen for the first time. Two first logins at once make one person."""
        user, _ = User.objects.get_or_create(
            issuer=provider().metadata().issuer, subject=claims["sub"], defaults=profile(claims)
        )
        logger.info("user_created: user=%s", user.pk)
        return user

    def update_user(self, user: User, claims: Claims) -> User:
        """The profile follows the provider at each login; the operator's right comes and goes with the group."""
        said = profile(claims)
        for name, value in said.items():
            setattr(user, name, value)
        user.save(update_fields=list(said))
        return user

    def get_user(self, user_id: int) -> AbstractBaseUser | None:
        """For each request with a session: nobody when the person was switched off meanwhile (the library forgets)."""
        return ModelBackend().get_user(user_id)
