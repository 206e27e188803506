"""The envelope in which a secret goes to the browser that asked for it.

It lies encrypted in Redis for two minutes at most, under a name that only the login which asked can make, and is gone
by being read. There is no second copy. `name` says what it is, such as "service user op-…".
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.utils import timezone

from portal.identity import vault

LASTS = timedelta(minutes=2)


def put(name: str, grant: UUID, secret: str) -> datetime:
    """Seals the secret for the login that asked; until when it can be taken. redis.RedisError."""
    until = timezone.now() + LASTS
    vault.remember(f"{name} {grant}", secret.encode(), until, owner=grant)
    return until


def take(name: str, grant: UUID) -> str | None:
    """The secret, for the first who asks with the right login. redis.RedisError, VaultKeyError."""
    kept = vault.take(f"{name} {grant}")
    return None if kept is None else kept.decode()


def lies_there(name: str, grant: UUID) -> bool:
    """Whether nobody has taken it, and its time is not over. redis.RedisError."""
    return vault.holds(f"{name} {grant}")
