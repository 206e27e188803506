"""manage.py check_location NAME"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from projects import platforms
from projects.management import access_tokens
from projects.models import Location
from projects.platforms import Found, Link

_MARKS = {Found.OK: "ok     ", Found.LACKING: "lacking", Found.FAILED: "FAILED ", Found.SKIPPED: "-      "}


class Command(BaseCommand):
    """Walks the whole chain to a location's services. Ends with 1 when a link is broken."""

    help = (
        "Walks from the location's address to its services, link by link, and says at each what it found and what to "
        "mend. Without --user or --token-stdin it goes as far as can be seen from outside."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="the location")
        access_tokens.add_arguments(parser)

    def handle(self, *_: Any, **options: Any) -> None:
        location = Location.objects.filter(name=options["name"]).first()
        if location is None:
            names = ", ".join(Location.objects.values_list("name", flat=True)) or "none yet"
            raise CommandError(f"There is no location {options['name']}. There is: {names}.")
        token = access_tokens.access_token(user=options["user"], from_stdin=options["token_stdin"])
        broken = 0
        for link in platforms.of(location).check(location, token):
            self._show(link)
            broken += link.outcome is Found.FAILED
        if broken:
            raise CommandError(f"{location.name}: {broken} broken {'link' if broken == 1 else 'links'}.")
        self.stdout.write(f"{location.name}: nothing to mend.")

    def _show(self, link: Link) -> None:
        self.stdout.write(f"{_MARKS[link.outcome]} {link.name:<24} {link.found}")
        if link.mend:
            self.stdout.write(f"{'':<33}-> {link.mend}")
        if link.error and link.error.request_id:
            self.stdout.write(f"{'':<33}request {link.error.request_id}")
