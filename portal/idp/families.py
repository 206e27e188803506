"""Families of refresh tokens: how they begin, go on and end (RFC 9700, section 4.14.2).

A public client can't prove that it is itself, so whoever has its refresh token is it. Each is used once, and what was
used is remembered: a second use means that two have the token, and nobody knows which of them is the thief.
All functions but the lists are called within a transaction.
"""

import logging
from datetime import timedelta

from allauth.idp.oidc.models import Client, Token
from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from portal.idp import settings
from portal.idp.models import SpentToken, TokenFamily

logger = logging.getLogger(__name__)


def begin(token: Token) -> TokenFamily:
    """The family of a new login's first refresh token. What has ended of the same person is cleared away."""
    TokenFamily.objects.filter(user=token.user).exclude(pk__in=living().values("pk")).delete()
    now = timezone.now()
    family = TokenFamily.objects.create(
        client=token.client,
        user=token.user,
        live=token.hash,
        began_at=now,
        ends_at=now + timedelta(seconds=settings.OFFLINE_SECONDS),
    )
    _hold(family, token)
    logger.info("token_family_begun: family=%s client=%s", family.pk, token.client_id)
    return family


def go_on(family: TokenFamily, token: Token) -> None:
    """The living token was changed for this one."""
    SpentToken.objects.create(family=family, hash=family.live)
    family.live, family.used_at = token.hash, timezone.now()
    family.save(update_fields=["live", "used_at"])
    _hold(family, token)


def end(family: TokenFamily, why: str) -> None:
    """None of its tokens works any more."""
    Token.objects.filter(type=Token.Type.REFRESH_TOKEN, hash=family.live).delete()
    logger.info("token_family_ended: family=%s client=%s why=%s", family.pk, family.client_id, why)
    family.delete()


def of(token_hash: str, client: Client) -> TokenFamily | None:
    """The family of a token, living or spent, if it is this client's; locked until the transaction ends."""
    # Living first: tokens go from living to spent and never back. One that is not living at the first look was spent
    # before it, if ever, so the second sees that; the other way round a change between the two would hide it.
    key = TokenFamily.objects.filter(live=token_hash).values_list("pk", flat=True).first()
    key = key or SpentToken.objects.filter(hash=token_hash).values_list("family_id", flat=True).first()
    # By its key: who waited for another's rotation sees the family as that left it, and finds its own token spent.
    return TokenFamily.objects.select_for_update().filter(pk=key, client=client).first() if key else None


def living() -> QuerySet[TokenFamily]:
    """Those whose token still works; a token may also have run out, or gone with a log out."""
    works = Token.objects.valid().filter(type=Token.Type.REFRESH_TOKEN, hash=OuterRef("live"))
    return TokenFamily.objects.filter(Exists(works))


def living_of(user: AbstractBaseUser) -> QuerySet[TokenFamily]:
    """A person's own, the newest first."""
    return living().filter(user=user).select_related("client")


def own(user: AbstractBaseUser, pk: int) -> TokenFamily | None:
    """One of a person's own, living or not; locked until the transaction ends."""
    return TokenFamily.objects.select_for_update().filter(user=user, pk=pk).first()


def _hold(family: TokenFamily, token: Token) -> None:
    """No token outlives its family."""
    if token.expires_at is None or token.expires_at > family.ends_at:
        token.expires_at = family.ends_at
        token.save(update_fields=["expires_at"])
