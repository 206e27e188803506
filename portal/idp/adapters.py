"""The provider's differences from allauth's defaults: claims in tokens, error messages, encryption of secrets."""

import base64
import hashlib
import time
from collections.abc import Iterable
from typing import Any, ClassVar, Literal, cast

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.core.internal import ratelimit
from allauth.idp.oidc.adapter import DefaultOIDCAdapter
from allauth.idp.oidc.models import Client
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet
from django.contrib.auth.models import AbstractBaseUser, User
from django.core.cache import cache
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from portal.client_address import client_address
from portal.idp import audit, settings

# Clouds accept a token only if it was issued for them (RFC 9068, section 4).
CLOUD_AUDIENCE = "openstack"
# UAA accepts a token as an assertion if its audience names UAA's own client (its relying party id).
FOUNDATION_AUDIENCE = "cloudfoundry"


def group_names(user: AbstractBaseUser) -> list[str]:
    """Return the names of the user's groups in a stable order; empty if there are none."""
    return list(cast(User, user).groups.order_by("name").values_list("name", flat=True))


class OpenIDAdapter(DefaultOIDCAdapter):
    """Claims of tokens and the discovery document."""

    scope_display: ClassVar = {
        **DefaultOIDCAdapter.scope_display,
        "openid": _("Know who you are"),
        "profile": _("Read your name"),
        "email": _("Read your e-mail address"),
        "groups": _("Read your groups"),
        "offline_access": _("Stay logged in while you are away"),
    }

    def get_issuer(self) -> str:
        """Return the configured issuer, not one derived from the request: clients compare it character by character."""
        return settings.ISSUER

    def get_claims(
        self,
        purpose: Literal["id_token", "userinfo"],
        user: AbstractBaseUser,
        client: Client,
        scopes: Iterable[str],
        email: str | None = None,
        **kwargs: Any,
    ) -> dict[str, Any]:
        """Return the claims of the ID token and of the userinfo response."""
        claims = super().get_claims(purpose, user, client, scopes, email=email, **kwargs)
        if "groups" in scopes:
            claims["groups"] = group_names(user)
        return claims

    def populate_access_token(
        self,
        access_token: dict[str, Any],
        *,
        client: Client,
        scopes: Iterable[str],
        user: AbstractBaseUser,
        **kwargs: Any,
    ) -> None:
        """Add what a cloud needs to the access token, its only source: audience, user and groups."""
        audience = access_token.get("aud", [])
        ours = {CLOUD_AUDIENCE, FOUNDATION_AUDIENCE} if settings.CLOUDFOUNDRY_SECRET else {CLOUD_AUDIENCE}
        access_token["aud"] = sorted(ours.union([audience] if isinstance(audience, str) else audience))
        access_token["azp"] = client.id
        person = cast(User, user)
        access_token.update(
            preferred_username=person.username,
            name=person.get_full_name() or person.username,
            groups=group_names(user),
        )
        address = EmailAddress.objects.get_primary(user)
        if address:
            access_token.update(email=address.email, email_verified=address.verified)

    def populate_server_metadata(self, data: dict[str, Any]) -> None:
        """Advertise in the discovery document what this provider's clients can really use."""
        data["scopes_supported"] = ["openid", "profile", "email", "groups", "offline_access"]
        data["response_types_supported"] = ["code"]
        data["grant_types_supported"] = [
            Client.GrantType.AUTHORIZATION_CODE,
            Client.GrantType.REFRESH_TOKEN,
            Client.GrantType.DEVICE_CODE,
        ]
        data["claims_supported"] = [
            "sub", "iss", "aud", "exp", "iat", "preferred_username", "name", "email", "email_verified", "groups",
        ]  # fmt: skip


class AccountAdapter(DefaultAccountAdapter):
    """Sign-up is closed; error messages say what is true and what to do."""

    error_messages: ClassVar = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": _("This account is disabled. Ask an operator to enable it."),
        "incorrect_code": _("This code is wrong or no longer valid. Use the newest one."),
        "incorrect_password": _("This password is wrong."),
        "enter_current_password": _("The current password is wrong."),
        "rate_limited": _("Too many attempts in a short time. Wait a minute, then try again."),
        "too_many_login_attempts": _("Too many attempts. Wait 5 minutes, then try again."),
        "username_password_mismatch": _("Wrong user name or password."),
    }

    tries_left: int | None = None

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return the address that rate limits count. Raises PermissionDenied if there is none: nobody is unlimited."""
        address = client_address(request)
        if address is None:
            raise PermissionDenied("The client's address is unknown.")
        return address

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Return False: an operator creates the accounts."""
        return False

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Log the attempt, and count those left before the lockout, so that the error can name them."""
        audit.failed(request, credentials)
        key = self._get_login_attempts_cache_key(request, **credentials)
        now = time.time()
        left = []
        for rate in ratelimit.get_rates(app="allauth.account", action="login_failed"):
            cache_key = ratelimit.get_cache_key(
                request, app="allauth.account", action="login_failed", rate=rate, key=key
            )
            used = sum(1 for stamp in cache.get(cache_key, []) if stamp > now - rate.duration)
            left.append(max(0, rate.amount - used))
        self.tries_left = min(left, default=None)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Log who is kept out because of too many wrong passwords. Raises ValidationError."""
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            audit.failed(request, credentials, "login_blocked")
            raise

    def validation_error(self, code: str, *args: Any) -> ValidationError:
        """Return the error for `code`; for a wrong password it also says how many attempts are left."""
        if code != "username_password_mismatch" or self.tries_left is None:
            return super().validation_error(code, *args)
        if self.tries_left == 0:
            last = _("Wrong user name or password. That was the last attempt: wait 5 minutes, then try again.")
            return ValidationError(last, code=code)
        text = ngettext(
            "Wrong user name or password. %(tries)d more attempt, then logins are blocked for 5 minutes.",
            "Wrong user name or password. %(tries)d more attempts, then logins are blocked for 5 minutes.",
            self.tries_left,
        )
        return ValidationError(text % {"tries": self.tries_left}, code=code)


class SecondFactorAdapter(DefaultMFAAdapter):
    """Encrypts the secrets of second factors at rest, with a key derived from the provider's secret key."""

    error_messages: ClassVar = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("This code is wrong. Use the newest one from your app."),
    }

    def _fernet(self) -> Fernet:
        digest = hashlib.sha256(b"meshdeck second factors" + settings.SECRET_KEY.encode()).digest()
        return Fernet(base64.urlsafe_b64encode(digest))

    def encrypt(self, text: str) -> str:
        """Encrypt the secret of an authenticator app or the seed of recovery codes for the database."""
        return self._fernet().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Decrypt what `encrypt` returned. Raises InvalidToken if the secret key has been changed."""
        return self._fernet().decrypt(encrypted_text.encode()).decode()

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Bind passkeys to the issuer's host name."""
        return {"id": settings.ISSUER_HOST, "name": "Meshdeck"}
