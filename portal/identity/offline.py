"""Offline tokens: a long login of the command line's client that a person takes away in a file.

browser ── to the provider, which asks for consent ──► back with a code
portal     code → T0 · the row, with T0 · T0 → T1, by which T0 is spent · T1 into the envelope of the login that asked
browser ── takes T1 in its file, once; the file goes on with T2, T3, …, of which the portal knows nothing
portal     revokes with T0: it is of the same login, so all of it ends (RFC 7009; docs/cli-access.md)

Whatever dies once there is a row, what is left is revoked by `sweep`: T1 is handed to its owner, or it is no good to
anybody. Before that the provider alone knows of the login, and nobody has its token (`make`).
"""

import logging
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponseRedirect
from redis import RedisError

from portal.identity import authorization, crypto, envelope, pending, tokens
from portal.identity.discovery import provider
from portal.identity.errors import IdentityFault, LoginRefused, OfflineRefused, ProviderRefused, ProviderUnreachable
from portal.identity.models import OfflineToken, User
from portal.identity.pending import Pending
from portal.identity.tokens import TokenAnswer

logger = logging.getLogger(__name__)

SCOPE = "offline_access"
# Longer than anything that is under way may take.
_LEFT_ALONE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks: the person, the login that may take the token, and what the browser calls itself."""

    user: User
    grant: UUID
    browser: str = field(default="")


def ask(request: HttpRequest, about: str, target: str) -> HttpResponseRedirect:
    """To the provider, for consent. Its answer leads to `target`, with the token's id as the last part of the path.

    A link leads here and no form: browsers hold what follows a form to form-action. It costs nothing to be sent here by
    another site, as the provider asks the person each time. Raises ProviderUnreachable.
    """
    begun = pending.begin(target, about)
    scope = " ".join([*settings.CLI_SCOPES.split(), SCOPE])
    url = authorization.url(provider().metadata(), tokens.command_line(), begun, scope, prompt="consent")
    response = HttpResponseRedirect(url)
    pending.keep(request, response, begun)
    return response


def make(asker: Asker, begun: Pending, code: str) -> OfflineToken:
    """The token of this answer, ready to be taken by `asker` for two minutes.

    Raises OfflineRefused, LoginRefused, ProviderRefused, ProviderUnreachable, redis.RedisError, VaultKeyError and what
    the database raises. Before there is a row the login is revoked at once; from then on `sweep` ends what is left.
    Who dies before the row, never hears the provider's answer or can't reach it to revoke leaves a login whose token
    nobody has; only the provider's own page lists it.
    """
    client = tokens.command_line()
    first = tokens.exchange(code, begun.verifier, client)
    try:
        _check(first, asker.user, begun)
        row = OfflineToken.objects.create(
            user=asker.user,
            about=begun.about,
            client_id=client.id,
            made_from=asker.browser,
            revoker=crypto.encrypt(first.refresh_token.encode()).decode(),
            made_at=datetime.now(UTC),
        )
    except Exception:
        # Whatever it was, such as a database that is away: without a row nobody else knows of this login.
        _revoke_quietly(first.refresh_token)
        raise
    try:
        second = tokens.refresh(first.refresh_token, client)
        if second.refresh_token in ("", first.refresh_token):
            raise OfflineRefused(OfflineRefused.NOT_SPENT)
        row.ready_until = envelope.put(_name(row.pk), asker.grant, second.refresh_token)
    except (IdentityFault, RedisError):
        _give_up(row)
        raise
    row.save(update_fields=["ready_until"])
    logger.info("offline_token_made: user=%s number=%s", asker.user.pk, row.number)
    return row


def take(row: OfflineToken, grant: UUID) -> str | None:
    """The refresh token, for the first who asks with the login that it was made for; None for all others.

    The envelope is emptied before the row says so, and the row has to be open then: who dies between the two leaves a
    token that nobody has, which `sweep` ends. Raises redis.RedisError, VaultKeyError.
    """
    now = datetime.now(UTC)
    if row.ended_at or row.taken_at or not row.ready_until or row.ready_until <= now:
        return None
    token = envelope.take(_name(row.pk), grant)
    if token is None:
        return None
    if not OfflineToken.objects.filter(pk=row.pk, taken_at=None, ended_at=None).update(taken_at=now):
        return None
    logger.info("offline_token_taken: user=%s number=%s", row.user_id, row.number)
    return token


def can_be_taken(row: OfflineToken, grant: UUID) -> bool:
    """Whether `take` would give it to this login. Raises redis.RedisError."""
    open_ = row.ended_at is None and row.taken_at is None
    in_time = row.ready_until is not None and row.ready_until > datetime.now(UTC)
    return open_ and in_time and envelope.lies_there(_name(row.pk), grant)


def revoke(row: OfflineToken, reason: OfflineToken.End = OfflineToken.End.REVOKED) -> None:
    """End it at the provider, then here. Again is no error. Raises ProviderRefused, ProviderUnreachable, VaultKeyError.

    While it raises, the token works and the row is as it was.
    """
    if row.ended_at is not None:
        return
    if not tokens.revoke(crypto.decrypt(row.revoker.encode()).decode(), tokens.command_line(row.client_id)):
        raise ProviderUnreachable("The provider has no place to revoke a token.")
    open_ = OfflineToken.objects.filter(pk=row.pk, ended_at=None)
    if open_.update(ended_at=datetime.now(UTC), end_reason=reason, revoker=""):
        logger.info("offline_token_ended: user=%s number=%s reason=%s", row.user_id, row.number, reason.value)


def sweep() -> int:
    """End what nobody took in time; how many. What the provider does not end now is tried again by the next one."""
    ended = 0
    late = OfflineToken.objects.filter(ended_at=None, taken_at=None, made_at__lt=datetime.now(UTC) - _LEFT_ALONE)
    for row in late:
        try:
            revoke(row, OfflineToken.End.NOT_TAKEN)
            ended += 1
        except IdentityFault as error:
            logger.warning("offline_token_not_ended: number=%s error=%s", row.number, type(error).__name__)
    return ended


def _check(first: TokenAnswer, user: User, begun: Pending) -> None:
    """Whether it is what was asked for, and about who asked. A consent form lets people leave things out."""
    granted = first.scopes is None or {"openid", SCOPE} <= first.scopes
    if not granted or not first.refresh_token:
        raise OfflineRefused(OfflineRefused.LEFT_OUT)
    if not first.id_token:
        raise LoginRefused("The provider answered without an ID token.")
    claims = tokens.verify_id_token(first.id_token, nonce=begun.nonce, client=tokens.command_line())
    if (provider().metadata().issuer, claims["sub"]) != (user.issuer, user.subject):
        raise OfflineRefused(OfflineRefused.SOMEBODY_ELSE)


def _give_up(row: OfflineToken) -> None:
    try:
        revoke(row, OfflineToken.End.NOT_TAKEN)
    except IdentityFault as error:
        logger.warning("offline_token_not_ended: number=%s error=%s", row.number, type(error).__name__)


def _revoke_quietly(refresh_token: str) -> None:
    """Nothing of it was kept; where this fails nobody has the token, and the provider's own page still lists it."""
    if not refresh_token:
        return
    try:
        tokens.revoke(refresh_token, tokens.command_line())
    except (ProviderRefused, ProviderUnreachable) as error:
        logger.warning("offline_token_not_ended: error=%s", type(error).__name__)


def _name(pk: UUID) -> str:
    return f"offline token {pk}"
