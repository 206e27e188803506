"""A person's own logins: which there are, and ending them from another browser."""

import logging
from uuid import UUID

from portal.identity import offline, vault
from portal.identity.errors import ProviderRefused, ProviderUnreachable
from portal.identity.models import EndReason, Grant, OfflineToken, User

logger = logging.getLogger(__name__)


def grants(user: User) -> list[Grant]:
    """Return the logins that can still act, newest first: browsers', and access tokens that were sent to the API."""
    return list(vault.live_grants(user))


def command_lines(user: User) -> list[OfflineToken]:
    """Return the offline logins of command lines that have not ended, newest first."""
    return list(OfflineToken.objects.filter(user=user, ended_at=None))


def end(user: User, handle: UUID, here: UUID) -> bool:
    """End one of the person's other logins. Return False if it is not theirs, is over, or is this one."""
    grant = vault.live_grants(user).exclude(pk=here).filter(pk=handle).first()
    if grant is None:
        return False
    _end(grant)
    return True


def end_command_line(user: User, pk: UUID) -> bool:
    """End one of the person's command-line logins. Return False if it is not theirs or is over.

    Raises what `offline.revoke` raises; the token then still works.
    """
    row = OfflineToken.objects.filter(user=user, ended_at=None, pk=pk).first()
    if row is None:
        return False
    offline.revoke(row)
    return True


def end_others(user: User, here: UUID) -> int:
    """End everything but this login, also if some can't be. Return how many command lines still work.

    Raises VaultKeyError.
    """
    for grant in vault.live_grants(user).exclude(pk=here):
        _end(grant)
    left = 0
    for row in command_lines(user):
        try:
            offline.revoke(row)
        except (ProviderRefused, ProviderUnreachable) as error:
            logger.warning("offline_token_not_ended: number=%s error=%s", row.number, type(error).__name__)
            left += 1
    return left


def _end(grant: Grant) -> None:
    """End it here, whose tokens are wiped with that, then at the provider, which may be away."""
    vault.end(grant.pk, EndReason.ENDED)
    vault.revoke(grant)
