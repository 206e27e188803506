"""The envelope in which a secret goes from the worker that chose it to the browser that asked for it.

By the operation that made it. There is no second copy (portal.identity.envelope): what is lost is rotated.
"""

from datetime import datetime
from uuid import UUID

from portal.identity import envelope
from portal.identity.envelope import LASTS as LASTS


def put(operation_id: str, grant: UUID, secret: str) -> datetime:
    """Seal the secret for the login that asked, and return until when it can be taken. redis.RedisError."""
    return envelope.put(_name(operation_id), grant, secret)


def take(operation_id: str, grant: UUID) -> str | None:
    """Return the secret to the first who asks with the right login. redis.RedisError, VaultKeyError."""
    return envelope.take(_name(operation_id), grant)


def lies_there(operation_id: str, grant: UUID) -> bool:
    """Tell whether nobody has taken it, and its time is not over. redis.RedisError."""
    return envelope.lies_there(_name(operation_id), grant)


def _name(operation_id: str) -> str:
    return f"service user {operation_id}"
