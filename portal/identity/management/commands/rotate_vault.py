"""Encrypt everything in the vault with the first key of MESHDECK_VAULT_KEYS, so that older keys can be removed."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.identity import vault
from portal.identity.errors import VaultKeyError


class Command(BaseCommand):
    """`manage.py rotate_vault`. Safe to run while people work, and to repeat."""

    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        """Encrypt everything anew, or name the missing key."""
        try:
            moved = vault.rotate()
        except VaultKeyError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{moved} logins are now encrypted with the first key. The other keys can be removed.")
