"""Encryption at rest with separate keys (MESHDECK_VAULT_KEYS): the first encrypts, all of them decrypt."""

from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

from portal.identity.errors import VaultKeyError

HOW_TO_MAKE_ONE = (
    'python -c "from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())" generates one.'
)


def encrypt(secret: bytes) -> bytes:
    """Return a Fernet token (URL-safe ASCII) of `secret` under the first key."""
    return keys().encrypt(secret)


def decrypt(token: bytes) -> bytes:
    """Decrypt what `encrypt` returned. Raises VaultKeyError if no key fits."""
    try:
        return keys().decrypt(token)
    except InvalidToken as error:
        raise VaultKeyError(UNOPENED) from error


def rotate(token: bytes) -> bytes:
    """Encrypt the secret again under the first key, keeping its time. Raises VaultKeyError if no key fits."""
    try:
        return keys().rotate(token)
    except InvalidToken as error:
        raise VaultKeyError(UNOPENED) from error


def keys() -> MultiFernet:
    """Return the configured keys. Raises VaultKeyError if there is none or one is malformed."""
    return _keys(tuple(settings.VAULT_KEYS))


UNOPENED = (
    "None of the keys in MESHDECK_VAULT_KEYS decrypts the vault. Add the key that it was encrypted with to the end of "
    "the list again; after that, `manage.py rotate_vault` encrypts everything with the first key."
)


@lru_cache(maxsize=8)
def _keys(listed: tuple[str, ...]) -> MultiFernet:
    if not listed:
        raise VaultKeyError(f"MESHDECK_VAULT_KEYS is empty. It takes comma-separated Fernet keys. {HOW_TO_MAKE_ONE}")
    opened = []
    for position, key in enumerate(listed, start=1):
        try:
            opened.append(Fernet(key.strip()))
        except ValueError as error:
            raise VaultKeyError(
                f"MESHDECK_VAULT_KEYS: key {position} of {len(listed)} is not a Fernet key (32 bytes in URL-safe "
                f"base64). {HOW_TO_MAKE_ONE}"
            ) from error
    return MultiFernet(opened)
