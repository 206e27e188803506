"""The envelope in which a secret goes from the worker that chose it to the browser that asked for it.

It lies encrypted in Redis for two minutes at most, under a name that only the login which asked can make, and is gone
by being read. There is no second copy: what is lost is rotated.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.utils import timezone

from portal.identity import vault

LASTS = timedelta(minutes=2)


def put(operation_id: str, grant: UUID, secret: str) -> datetime:
    """Seals the secret for the login that asked for the operation; until when it can be taken. redis.RedisError."""
    until = timezone.now() + LASTS
    vault.remember(_name(operation_id, grant), secret.encode(), until, owner=grant)
    return until


def take(operation_id: str, grant: UUID) -> str | None:
    """The secret, for the first who asks with the right login. redis.RedisError, VaultKeyError."""
    kept = vault.take(_name(operation_id, grant))
    return None if kept is None else kept.decode()


def lies_there(operation_id: str, grant: UUID) -> bool:
    """Whether nobody has taken it, and its time is not over. redis.RedisError."""
    return vault.holds(_name(operation_id, grant))


def _name(operation_id: str, grant: UUID) -> str:
    return f"service user {operation_id} {grant}"
