"""A refresh token is asked about while it is changed for the next one; runs in the provider (`manage.py shell`)."""

import sys
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from allauth.idp.oidc.models import Client, Token
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.utils import timezone

from portal.idp import families


def spent_between(queries: int) -> None:
    """Another connection changes the token, and commits, after so many of the asker's queries; the asker then ends it.

    Says "family" and whether its living token still works, or "none" where the asker found no family.
    """
    line = Client.objects.get(pk="meshdeck-cli")
    with transaction.atomic():
        families.begin(_token(line, "first"))
    changing = threading.Thread(target=_change, args=(line,))
    asked = 0

    def watch(execute: Callable[..., Any], *args: Any) -> Any:
        nonlocal asked
        if asked == queries:
            changing.start()
            changing.join()
        asked += 1
        return execute(*args)

    with transaction.atomic():
        with connection.execute_wrapper(watch):
            family = families.of("first", line)
        if family is not None:
            families.end(family, "revoked")
    left = Token.objects.filter(hash="second").exists()
    sys.stdout.write(f"{'none' if family is None else 'family'} {left}\n")


def _change(line: Client) -> None:
    try:
        with transaction.atomic():
            family = families.of("first", line)
            assert family is not None
            Token.objects.filter(hash="first").delete()
            families.go_on(family, _token(line, "second"))
    finally:
        connection.close()


def _token(line: Client, name: str) -> Token:
    return Token.objects.create(
        type=Token.Type.REFRESH_TOKEN,
        hash=name,
        client=line,
        user=User.objects.get(username="member"),
        expires_at=timezone.now() + timedelta(days=1),
    )
