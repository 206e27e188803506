"""Families of refresh tokens: how they begin, continue and end (RFC 9700, section 4.14.2).

A public client can't authenticate itself, so whoever holds its refresh token can use it. Each token is used once and
then remembered: a second use means that two parties hold it, and nobody can tell which one is the thief. Call all
functions except the lists within a transaction.
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
    """Start the family of a new login's first refresh token, and delete the person's families that have ended."""
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
    """Record that the family's live token was exchanged for this one."""
    SpentToken.objects.create(family=family, hash=family.live)
    family.live, family.used_at = token.hash, timezone.now()
    family.save(update_fields=["live", "used_at"])
    _hold(family, token)


def end(family: TokenFamily, why: str) -> None:
    """End the family: none of its tokens works any more."""
    Token.objects.filter(type=Token.Type.REFRESH_TOKEN, hash=family.live).delete()
    logger.info("token_family_ended: family=%s client=%s why=%s", family.pk, family.client_id, why)
    family.delete()


def of(token_hash: str, client: Client) -> TokenFamily | None:
    """Return the family of a token, live or spent, if it is this client's; locked until the transaction ends."""
    # Live first: tokens go from live to spent and never back. A token that the first query does not find as live was
    # spent before it, if ever, so the second query sees that. In the other order, an exchange between the two would
    # hide it.
    key = TokenFamily.objects.filter(live=token_hash).values_list("pk", flat=True).first()
    key = key or SpentToken.objects.filter(hash=token_hash).values_list("family_id", flat=True).first()
    # By its key: after waiting for another rotation, this query sees the family as that left it, with the token spent.
    return TokenFamily.objects.select_for_update().filter(pk=key, client=client).first() if key else None


def living() -> QuerySet[TokenFamily]:
    """Return families whose token still works; a token may also have expired, or ended with a logout."""
    works = Token.objects.valid().filter(type=Token.Type.REFRESH_TOKEN, hash=OuterRef("live"))
    return TokenFamily.objects.filter(Exists(works))


def living_of(user: AbstractBaseUser) -> QuerySet[TokenFamily]:
    """Return a person's live families, newest first."""
    return living().filter(user=user).select_related("client")


def own(user: AbstractBaseUser, pk: int) -> TokenFamily | None:
    """Return one of the person's families, live or not; locked until the transaction ends."""
    return TokenFamily.objects.select_for_update().filter(user=user, pk=pk).first()


def _hold(family: TokenFamily, token: Token) -> None:
    """Limit the token's expiry to that of its family."""
    if token.expires_at is None or token.expires_at > family.ends_at:
        token.expires_at = family.ends_at
        token.save(update_fields=["expires_at"])
