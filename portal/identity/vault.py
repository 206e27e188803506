"""The token vault. Workers hold a handle; only this module turns it into a token.

Tokens of a login are encrypted in its Grant row; short-lived secrets, such as Keystone tokens, are encrypted in Redis
until they expire. Do not call `access_token` inside a database transaction: it may talk to the provider.
"""

import logging
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from importlib import import_module
from typing import Any
from uuid import UUID

import redis
from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils.crypto import salted_hmac

from portal.identity import crypto, tokens
from portal.identity.errors import LoginRefused, ProviderRefused, ProviderUnreachable, SessionEnded
from portal.identity.models import EndReason, Grant, OfflineToken, User
from portal.identity.profile import is_operator
from portal.identity.tokens import TokenAnswer

logger = logging.getLogger(__name__)

CLAIM_LASTS = timedelta(seconds=30)  # longer than a renewal may take; after that its process is presumed dead
WAIT_FOR_OTHERS = 5.0  # leaves an operation's turn (8 s) time to act, and stays far below its task's limit (16 s)
JUST_BEFORE = timedelta(seconds=30)
# A configuration error or a temporary problem of the provider, not the end of this login.
PASSING_REFUSALS = {"invalid_client", "server_error", "temporarily_unavailable", "slow_down"}


@dataclass(frozen=True)
class AccessToken:
    """A bearer token of the user for the clouds. Its value is left out of `repr`, and so out of logs and tracebacks."""

    value: str = field(repr=False)
    expires_at: datetime


def access_token(handle: UUID) -> AccessToken:
    """Return the access token of a login, renewed first if it has less than a minute left.

    Raises SessionEnded if the login is over for good, ProviderUnreachable if it may work later, VaultKeyError.
    """
    grant = renew(handle)
    now = datetime.now(UTC)
    if grant.last_used_at is None or now - grant.last_used_at > timedelta(minutes=1):
        Grant.objects.filter(pk=handle).update(last_used_at=now)
    return AccessToken(crypto.decrypt(grant.access_token.encode()).decode(), grant.expires_at)


def fresh_token(handle: UUID) -> AccessToken:
    """Return an access token with as long a life as possible: renewed now, unless that was just done.

    For tokens that leave the portal with a person. If it can't be renewed, the current one is returned. Raises what
    `access_token` raises.
    """
    grant = renew(handle, since=datetime.now(UTC) - JUST_BEFORE)
    return AccessToken(crypto.decrypt(grant.access_token.encode()).decode(), grant.expires_at)


def token_life(handle: UUID) -> timedelta | None:
    """Return how long this login's access tokens live, judging by the last one; None if unknown."""
    known = Grant.objects.filter(pk=handle).values_list("renewed_at", "expires_at").first()
    return known[1] - known[0] if known else None


def live_grant(user: User) -> UUID | None:
    """Return the newest login of the user that can still act, or None."""
    return _usable_grants().filter(user=user).order_by("-created_at").values_list("pk", flat=True).first()


def live_grants(user: User) -> QuerySet[Grant]:
    """Return the person's logins that can still act, newest first: browsers, and tokens sent to the API."""
    return _usable_grants().filter(user=user).order_by("-created_at")


def is_live(handle: UUID) -> bool:
    """Return whether this login can still act."""
    return _usable_grants().filter(pk=handle).exists()


def keep(user: User, session_key: str, answer: TokenAnswer, **origin: str | None) -> Grant:
    """Store the tokens of a new login; `origin` are the columns that say where it came from."""
    values = {"user": user, "session_key": session_key, "created_at": answer.received_at, **origin}
    return Grant.objects.create(**values, **_columns(answer))


def keep_bearer(handle: UUID, user: User, answer: TokenAnswer) -> Grant:
    """Store an access token that came with a request, or return its existing grant. It belongs to no browser."""
    values = {"user": user, "session_key": "", "created_at": answer.received_at, **_columns(answer)}
    grant, _ = Grant.objects.get_or_create(pk=handle, defaults=values)
    return grant


def is_open(grant: Grant) -> bool:
    """Return whether a grant has neither ended nor reached the maximum age."""
    return grant.ended_at is None and datetime.now(UTC) - grant.created_at < _greatest_age()


def renew(handle: UUID, *, wait: bool = True, since: datetime | None = None) -> Grant:
    """Return the grant, with tokens renewed if they are about to expire. Concurrent callers use the refresh token once.

    With `wait` false, don't wait for another process's renewal. Tokens issued before `since` are renewed too, if
    possible. A token that is still valid is good enough if the provider is unreachable, or if another process, which
    may be dead, has been renewing for 5 s. Raises what `access_token` raises.
    """
    give_up_at = time.monotonic() + WAIT_FOR_OTHERS
    while True:
        grant = _open_grants().filter(pk=handle, user__is_active=True).first()
        if grant is None:
            raise SessionEnded("This login has ended.")
        old = since is not None and grant.renewed_at < since and bool(grant.refresh_token)
        if datetime.now(UTC) < grant.renew_at and not old:
            return grant
        claimed_at = _claim(grant)
        if claimed_at:
            try:
                return _renewed(grant)
            except ProviderUnreachable:
                if datetime.now(UTC) < grant.expires_at:
                    return grant
                raise
            finally:
                Grant.objects.filter(pk=handle, renewing_since=claimed_at).update(renewing_since=None)
        if not wait:
            return grant
        if time.monotonic() > give_up_at:
            if datetime.now(UTC) < grant.expires_at:
                return grant
            raise ProviderUnreachable("Another process has been renewing this login for too long.")
        time.sleep(0.1)


def end(handle: UUID, reason: EndReason) -> None:
    """End a login: wipe its tokens, delete its session, forget the secrets remembered for it."""
    grant = Grant.objects.filter(pk=handle, ended_at=None).first()
    if grant is None:
        return
    Grant.objects.filter(pk=handle).update(
        access_token="", refresh_token="", id_token="", ended_at=datetime.now(UTC), end_reason=reason
    )
    import_module(settings.SESSION_ENGINE).SessionStore(grant.session_key).delete()
    logger.info("grant_ended: grant=%s user=%s reason=%s", handle, grant.user_id, reason.value)
    try:
        forget_all(handle)
    except redis.RedisError as error:
        # They expire by themselves, and without the grant nobody has their names.
        logger.warning("vault_not_forgotten: grant=%s error=%s", handle, type(error).__name__)


def remember(name: str, secret: bytes, expires_at: datetime, *, owner: UUID | None = None) -> None:
    """Store a secret until `expires_at`, or until the grant `owner` ends. Raises redis.RedisError."""
    left = int((expires_at - datetime.now(UTC)).total_seconds() * 1000)
    if left <= 0:
        return
    pipe = _redis().pipeline()
    pipe.set(_key(name), crypto.encrypt(secret), px=left)
    if owner is not None:
        pipe.sadd(_owned(owner), _key(name))
        pipe.expire(_owned(owner), settings.SESSION_COOKIE_AGE)
    pipe.execute()


def recall(name: str) -> bytes | None:
    """Return the secret, or None if there is none or it has expired. Raises VaultKeyError and redis.RedisError."""
    kept = _redis().get(_key(name))
    return crypto.decrypt(kept) if isinstance(kept, bytes) else None


def take(name: str) -> bytes | None:
    """Return and delete the secret; of concurrent callers only one gets it. Raises what `recall` raises."""
    pipe = _redis().pipeline(transaction=True)
    pipe.get(_key(name))
    pipe.delete(_key(name))
    kept, _dropped = pipe.execute()
    return crypto.decrypt(kept) if isinstance(kept, bytes) else None


def holds(name: str) -> bool:
    """Return whether there is such a secret, without reading it. Raises redis.RedisError."""
    return bool(_redis().exists(_key(name)))


def forget(name: str) -> None:
    """Delete a secret. Raises redis.RedisError."""
    _redis().delete(_key(name))


def forget_all(owner: UUID) -> None:
    """Delete all secrets that were remembered for a grant. Raises redis.RedisError."""
    names = _redis().smembers(_owned(owner))
    _redis().delete(_owned(owner), *names)


def rotate() -> int:
    """Encrypt all logins, including offline ones, with the first key; return how many. Drops remembered secrets.

    Raises VaultKeyError if a grant can't be decrypted (what was moved before it stays moved) and redis.RedisError.
    """
    moved = 0
    for grant in Grant.objects.filter(ended_at=None).iterator():
        sealed = {name: getattr(grant, name) for name in ("access_token", "refresh_token", "id_token")}
        fresh = {name: crypto.rotate(token.encode()).decode() for name, token in sealed.items() if token}
        # Only if nobody has renewed it meanwhile; a renewal encrypts with the first key anyway.
        moved += Grant.objects.filter(pk=grant.pk, **sealed).update(**fresh) if fresh else 0
    for token in OfflineToken.objects.exclude(revoker="").iterator():
        fresh = {"revoker": crypto.rotate(token.revoker.encode()).decode()}
        moved += OfflineToken.objects.filter(pk=token.pk, revoker=token.revoker).update(**fresh)
    client = _redis()
    for name in client.scan_iter("vault:*", count=500):
        client.delete(name)
    return moved


def _open_grants() -> QuerySet[Grant]:
    return Grant.objects.filter(ended_at=None, created_at__gt=datetime.now(UTC) - _greatest_age())


def _greatest_age() -> timedelta:
    return timedelta(seconds=settings.SESSION_COOKIE_AGE)


def _usable_grants() -> QuerySet[Grant]:
    """Return the grants whose token is valid or can be renewed."""
    now = datetime.now(UTC)
    usable = Q(expires_at__gt=now) | (
        ~Q(refresh_token="") & (Q(refresh_expires_at=None) | Q(refresh_expires_at__gt=now))
    )
    return _open_grants().filter(usable, user__is_active=True)


def _columns(answer: TokenAnswer) -> dict[str, Any]:
    def sealed(token: str) -> str:
        return crypto.encrypt(token.encode()).decode() if token else ""

    return {
        "access_token": sealed(answer.access_token),
        "refresh_token": sealed(answer.refresh_token),
        "id_token": sealed(answer.id_token),
        "expires_at": answer.expires_at,
        "refresh_expires_at": answer.refresh_expires_at,
        "renewed_at": answer.received_at,
    }


def _claim(grant: Grant) -> datetime | None:
    """Claim the renewal by one conditional UPDATE; None if another process holds it or has just finished."""
    now = datetime.now(UTC)
    free = Q(renewing_since=None) | Q(renewing_since__lt=now - CLAIM_LASTS)
    still_due = Grant.objects.filter(free, pk=grant.pk, ended_at=None, renewed_at=grant.renewed_at)
    return now if still_due.update(renewing_since=now) else None


def _renewed(grant: Grant) -> Grant:
    if not grant.refresh_token:
        end(grant.pk, EndReason.NO_RENEWAL)
        raise SessionEnded("The access token expired and the provider issued no refresh token for it.")
    used = crypto.decrypt(grant.refresh_token.encode()).decode()
    try:
        answer = tokens.refresh(used)
    except ProviderRefused as error:
        if error.error in PASSING_REFUSALS or error.error.startswith("http_"):
            logger.error("renewal_failed: grant=%s error=%s", grant.pk, error.error)
            raise ProviderUnreachable(f"The provider did not renew the login now ({error.error}).") from error
        end(grant.pk, EndReason.REFUSED)
        raise SessionEnded(f"The provider refused to renew the login ({error.error}).") from error
    fresh = _columns(answer)
    if not answer.refresh_token:  # no rotation: the old one stays valid
        del fresh["refresh_token"], fresh["refresh_expires_at"]
    if not _proven(answer, grant):
        del fresh["id_token"]
    # Logged out meanwhile: the new tokens must not outlive the logout.
    if Grant.objects.filter(pk=grant.pk, ended_at=None).update(renewing_since=None, **fresh) == 0:
        _revoke_quietly(answer.refresh_token or used, grant)
        raise SessionEnded("This login was ended while it was being renewed.")
    logger.info("grant_renewed: grant=%s user=%s", grant.pk, grant.user_id)
    grant.refresh_from_db()
    return grant


def _proven(answer: TokenAnswer, grant: Grant) -> bool:
    """Return whether a new ID token came and passed its checks; the operator's right follows its groups.

    A token about somebody else ends the login (OpenID Connect Core, section 12.2).
    """
    if not answer.id_token:
        return False
    try:
        claims = tokens.verify_id_token(answer.id_token, nonce=None, subject=grant.user.subject)
        if grant.user.is_staff and "groups" not in claims:
            # Groups may be in userinfo only, or missing for people who have none (Keycloak): only an operator can lose
            # by it.
            claims = {**tokens.userinfo(answer.access_token, grant.user.subject), **claims}
        if is_operator(claims) != grant.user.is_staff:
            User.objects.filter(pk=grant.user_id).update(is_staff=is_operator(claims))
    except LoginRefused as error:
        end(grant.pk, EndReason.REFUSED)
        raise SessionEnded("The provider renewed the login with an ID token that failed a check.") from error
    except ProviderUnreachable:
        return False  # the provider's keys can't be fetched: the rotated refresh token must not be lost for that
    return True


def revoke(grant: Grant) -> None:
    """Revoke the grant's refresh token at the provider; an unreachable provider is only logged."""
    if grant.refresh_token:
        _revoke_quietly(crypto.decrypt(grant.refresh_token.encode()).decode(), grant)


def _revoke_quietly(refresh_token: str, grant: Grant) -> None:
    try:
        tokens.revoke(refresh_token)
    except (ProviderRefused, ProviderUnreachable) as error:
        logger.warning("not_revoked: grant=%s reason=%s", grant.pk, error)


def _key(name: str) -> str:
    """Return the keyed hash of a secret's name: names reveal who does what where, so Redis must not see them."""
    return "vault:" + salted_hmac("portal.identity.vault", name, algorithm="sha256").hexdigest()


def _owned(owner: UUID) -> str:
    return _key(f"owned by {owner}")


def _redis() -> redis.Redis:
    return _redis_at(settings.REDIS_URL)


@lru_cache(maxsize=4)
def _redis_at(url: str) -> redis.Redis:
    return redis.Redis.from_url(url, socket_timeout=3, socket_connect_timeout=3)
