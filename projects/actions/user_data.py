"""What a new server runs at its first start. It may hold passwords, so no operation keeps it: it lies encrypted in the
vault for a while, and the operation has a name for it that tells nothing."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.utils.crypto import salted_hmac

from portal.identity import vault

# So long it can be used: for the operation, and for trying it again when no host was free.
LASTS = timedelta(minutes=30)
# Base64 of it is a field of 65,535 letters in nova's database (nova.compute.api: MAX_USERDATA_SIZE).
MOST_BYTES = 49_149


def keep(owner: UUID, key: str, text: str) -> str:
    """Puts it away until LASTS has passed or the login `owner` ends, and returns the name to ask for it by.

    The same text with the same `key` has the same name: a form that is sent twice asks for the same operation.
    redis.RedisError when it can't be kept.
    """
    name = salted_hmac("projects.user_data", f"{owner} {key} {text}", algorithm="sha256").hexdigest()[:32]
    vault.remember(_of(name), text.encode(), datetime.now(UTC) + LASTS, owner=owner)
    return name


def recall(name: str) -> bytes | None:
    """The user data; None when its time is over. redis.RedisError, VaultKeyError."""
    return vault.recall(_of(name))


def forget(name: str) -> None:
    """Drops it before its time. redis.RedisError."""
    vault.forget(_of(name))


def _of(name: str) -> str:
    return f"user data {name}"
