"""Offline tokens: a long login of the command line's client that a person downloads in a file.

browser ── to the provider, which asks for consent ──► back with a code
portal     code → T0 · the row, with T0 · T0 → T1, which spends T0 · T1 into the envelope of the login that asked
browser ── downloads T1 in its file, once; the file continues with T2, T3, …, which the portal never sees
portal     revokes with T0: it is of the same login, so all of it ends (RFC 7009; docs/cli-access.md)

After a crash, once there is a row, `sweep` revokes what is left: T1 was either handed to its owner or is of use to
nobody. Before the row only the provider knows of the login, and nobody has its token (`make`).
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
# Longer than any running request can take.
_LEFT_ALONE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks: the person, the login that may take the token, and the browser's name."""

    user: User
    grant: UUID
    browser: str = field(default="")


def ask(request: HttpRequest, about: str, target: str) -> HttpResponseRedirect:
    """Redirect to the provider for consent. Its response leads to `target`, followed by the token's id in the path.

    Link here rather than posting a form: browsers apply form-action to redirects after a form. Another site sending
    people here does no harm, as the provider asks the person each time. Raises ProviderUnreachable.
    """
    begun = pending.begin(target, about)
    scope = " ".join([*settings.CLI_SCOPES.split(), SCOPE])
    url = authorization.url(provider().answering(), tokens.command_line(), begun, scope, prompt="consent")
    response = HttpResponseRedirect(url)
    pending.keep(request, response, begun)
    return response


def make(asker: Asker, begun: Pending, code: str) -> OfflineToken:
    """Create the token of this response; `asker` can take it for two minutes.

    Raises OfflineRefused, LoginRefused, ProviderRefused, ProviderUnreachable, redis.RedisError, VaultKeyError and
    database errors. Until there is a row, a failure revokes the login at once; afterwards `sweep` ends what is left. If
    the process dies before the row, gets no response, or can't reach the provider to revoke, a login remains whose
    token nobody has; only the provider's own page lists it.
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
        # Whatever failed, such as the database: without a row nobody else knows of this login.
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
    """Return the refresh token once, to the login it was made for; None for all others.

    The envelope is emptied before the row is marked, and the row has to be open then: a crash between the two leaves a
    token that nobody has, which `sweep` revokes. Raises redis.RedisError, VaultKeyError.
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
    """Return whether `take` would return the token to this login. Raises redis.RedisError."""
    open_ = row.ended_at is None and row.taken_at is None
    in_time = row.ready_until is not None and row.ready_until > datetime.now(UTC)
    return open_ and in_time and envelope.lies_there(_name(row.pk), grant)


def revoke(row: OfflineToken, reason: OfflineToken.End = OfflineToken.End.REVOKED) -> None:
    """Revoke the token at the provider, then here. Idempotent.

    Raises ProviderRefused, ProviderUnreachable, VaultKeyError; the token then still works and the row is unchanged.
    """
    if row.ended_at is not None:
        return
    if not tokens.revoke(crypto.decrypt(row.revoker.encode()).decode(), tokens.command_line(row.client_id)):
        raise ProviderUnreachable("The provider has no revocation endpoint.")
    open_ = OfflineToken.objects.filter(pk=row.pk, ended_at=None)
    if open_.update(ended_at=datetime.now(UTC), end_reason=reason, revoker=""):
        logger.info("offline_token_ended: user=%s number=%s reason=%s", row.user_id, row.number, reason.value)


def sweep() -> int:
    """Revoke tokens that nobody took in time and return how many. The next sweep retries what fails now."""
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
    """Check that the token is what this person asked for. On a consent form people can decline scopes."""
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
    """Revoke a token that was not stored. If it fails, nobody has the token and the provider's page still lists it."""
    if not refresh_token:
        return
    try:
        tokens.revoke(refresh_token, tokens.command_line())
    except (ProviderRefused, ProviderUnreachable) as error:
        logger.warning("offline_token_not_ended: error=%s", type(error).__name__)


def _name(pk: UUID) -> str:
    return f"offline token {pk}"
