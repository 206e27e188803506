"""Authenticate an access token in the Authorization header (RFC 6750), as API callers send it.

The work is done with the token itself, so it is put into the vault: one grant per token, which is never renewed and
ends with the token. The same token finds its grant again by a keyed hash.
"""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils.crypto import salted_hmac

from portal.identity import tokens, vault
from portal.identity.discovery import provider
from portal.identity.errors import LoginRefused
from portal.identity.models import Grant, User
from portal.identity.profile import profile
from portal.identity.tokens import LONGEST_LIFE, TokenAnswer

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Caller:
    """The caller of the API and the login to act with. `first`: this token has not been seen before."""

    user: User
    grant: UUID
    first: bool = False


def let_in(token: str) -> Caller:
    """Return the Caller of an access token. An unknown person is created by issuer and subject.

    Raises LoginRefused, or ProviderUnreachable without the provider's keys. A token never grants the operator's right:
    that takes a login, whose groups are renewed.
    """
    claims = tokens.verify_access_token(token)
    handle = UUID(bytes=salted_hmac("portal.identity.bearer", token, algorithm="sha256").digest()[:16], version=4)
    grant = Grant.objects.select_related("user").filter(pk=handle).first()
    first = grant is None
    if grant is None:
        grant = vault.keep_bearer(handle, _person(claims), _answer(token, claims))
    if not grant.user.is_active:
        raise LoginRefused("The person is disabled here.")
    if not vault.is_open(grant):
        raise LoginRefused("The access token was revoked here, or has reached its maximum age.")
    return Caller(grant.user, grant.pk, first)


def _person(claims: dict[str, Any]) -> User:
    """Find or create the person. Only logins update the profile: an access token may lack its claims."""
    said = profile(claims) | {"is_staff": False}
    user, made = User.objects.get_or_create(issuer=provider().metadata().issuer, subject=claims["sub"], defaults=said)
    if made:
        logger.info("user_created: user=%s", user.pk)
    return user


def _answer(token: str, claims: dict[str, Any]) -> TokenAnswer:
    """Return the token in the form of a token endpoint's response."""
    now = datetime.now(UTC)
    left = min(timedelta(seconds=int(claims["exp"]) - now.timestamp()), LONGEST_LIFE)
    return TokenAnswer(
        access_token=token,
        refresh_token="",
        id_token="",
        received_at=now,
        expires_at=now + left,
        refresh_expires_at=None,
    )
