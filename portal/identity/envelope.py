"""Hand a secret to the browser that asked for it, once.

The secret is encrypted in Redis for two minutes at most, under a name that only the login that asked can compute.
Reading it deletes it, and there is no second copy. `name` says what it is, such as "service user op-…".
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.utils import timezone

from portal.identity import vault

LASTS = timedelta(minutes=2)


def put(name: str, grant: UUID, secret: str) -> datetime:
    """Store the secret for the login that asked and return when it expires. Raises redis.RedisError."""
    until = timezone.now() + LASTS
    vault.remember(f"{name} {grant}", secret.encode(), until, owner=grant)
    return until


def take(name: str, grant: UUID) -> str | None:
    """Return and delete the secret, for the login that asked. Raises redis.RedisError or VaultKeyError."""
    kept = vault.take(f"{name} {grant}")
    return None if kept is None else kept.decode()


def lies_there(name: str, grant: UUID) -> bool:
    """Return whether the secret is still there: not taken and not expired. Raises redis.RedisError."""
    return vault.holds(f"{name} {grant}")
