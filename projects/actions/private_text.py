"""A text that may hold passwords, such as what a new server runs at its first start: no operation keeps it.

It lies encrypted in the vault for a while, and the operation has a name for it that tells nothing. An action names the
parameter that holds one (`Action.private`).
"""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.utils.crypto import salted_hmac

from portal.identity import vault

# So long it can be used: for the operation, and for trying it again when no host was free.
LASTS = timedelta(minutes=30)
# The longest that any action takes. Of user data, base64 of it is a field of 65,535 letters in nova's database
# (nova.compute.api: MAX_USERDATA_SIZE).
MOST_BYTES = 49_149


def name_of(user_id: int, key: str, text: str) -> str:
    """Return the name that it is asked for by.

    It is the same for the same text in the same form, so that a form which is sent twice asks for the same operation.
    """
    return salted_hmac("projects.user_data", f"{user_id} {key} {text}", algorithm="sha256").hexdigest()[:32]


def keep(owner: UUID, name: str, text: str) -> None:
    """Put it away until LASTS has passed or the login `owner` ends. redis.RedisError when it can't be kept."""
    vault.remember(_of(name), text.encode(), datetime.now(UTC) + LASTS, owner=owner)


def recall(name: str) -> bytes | None:
    """Return the user data; None when its time is over. redis.RedisError, VaultKeyError."""
    return vault.recall(_of(name))


def forget(name: str) -> None:
    """Drop it before its time. redis.RedisError."""
    vault.forget(_of(name))


def _of(name: str) -> str:
    return f"user data {name}"
