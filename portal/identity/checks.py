"""System checks: the issuer is safe to trust, and the vault's keys open what it holds."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core import checks

from portal.identity import crypto
from portal.identity.errors import VaultKeyError


def register() -> None:
    """Hook the checks in; the one on the vault runs with `migrate` and `check --database default`."""
    checks.register(vault_opens, checks.Tags.database)


def vault_opens(databases: Sequence[str] | None = None, **kwargs: Any) -> list[checks.CheckMessage]:
    """The newest live grant can be decrypted with the keys given."""
    from portal.identity.models import Grant

    if not databases or "default" not in databases or not _migrated():
        return []
    held = Grant.objects.exclude(access_token="").values_list("access_token", flat=True).first()
    if held is None:
        return []
    try:
        crypto.decrypt(held.encode())
    except VaultKeyError as error:
        return [checks.Error(str(error), id="identity.E001")]
    return []


def _migrated() -> bool:
    from django.db import connection

    return "identity_grant" in connection.introspection.table_names()


__all__ = ["register", "settings", "vault_opens"]
