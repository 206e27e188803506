"""How operators' commands get the access token of a person: from standard input, or from a live login."""

import sys
from argparse import ArgumentParser

from django.core.management.base import CommandError

from portal.identity import vault
from portal.identity.errors import ProviderUnreachable, SessionEnded
from portal.identity.models import User


def add_arguments(parser: ArgumentParser) -> None:
    """--user and --token-stdin, of which one may be given."""
    who = parser.add_mutually_exclusive_group()
    who.add_argument("--user", metavar="USERNAME", help="look as this person, who must be logged in to the portal now")
    who.add_argument(
        "--token-stdin",
        action="store_true",
        help="read an access token of a person from standard input (never as an argument: others see those)",
    )


def access_token(*, user: str | None, from_stdin: bool) -> str | None:
    """Return the token, or None when neither was asked for. CommandError when there is none."""
    if from_stdin:
        token = sys.stdin.readline().strip()
        if not token:
            raise CommandError("No token came from standard input.")
        return token
    if user is None:
        return None
    people = list(User.objects.filter(username=user))
    if not people:
        raise CommandError(f"Nobody called {user} has ever logged in here.")
    for person in people:
        if grant := vault.live_grant(person):
            try:
                return vault.access_token(grant).value
            except SessionEnded:
                continue
            except ProviderUnreachable as error:
                raise CommandError("The identity provider is not answering: no access token to be had.") from error
    raise CommandError(f"{user} is not logged in now. Log in to the portal as {user}, then run this again.")
