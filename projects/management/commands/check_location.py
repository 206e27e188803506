"""manage.py check_location NAME"""

from collections.abc import Iterator
from itertools import chain
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from clouds.cloudfoundry.check import Step as FoundationStep
from clouds.cloudfoundry.check import check as check_foundation
from clouds.cloudfoundry.tokens import Client
from clouds.errors import CloudError
from clouds.openstack import account
from clouds.openstack.account import Account
from clouds.openstack.check import Outcome, Step, check
from projects.management import access_tokens
from projects.models import Location
from services.openstack.locations import federation_of

_MARKS = {Outcome.OK: "ok     ", Outcome.LACKING: "lacking", Outcome.FAILED: "FAILED ", Outcome.SKIPPED: "-      "}


class Command(BaseCommand):
    """Walks the whole chain to a location's services. Ends with 1 when a link is broken."""

    help = (
        "Walks from the location's Keystone address to its services (endpoint, TLS, federation, mapping, projects, "
        "region, each service), or from a foundation's API root to the spaces, and says at each step what it found and "
        "what to mend. Without --user or --token-stdin it goes as far as can be seen from outside."
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
        steps: Iterator[Step | FoundationStep] = check(federation_of(location), token)
        if location.kind == Location.Kind.CLOUDFOUNDRY:
            client = Client(settings.CLOUDFOUNDRY_CLIENT_ID, settings.CLOUDFOUNDRY_CLIENT_SECRET)
            steps = check_foundation(location.auth_url, client, token, location.ca_bundle)
        broken = 0
        for step in chain(steps, self._account(location)):
            self._show(step)
            broken += step.outcome is Outcome.FAILED
        if broken:
            raise CommandError(f"{location.name}: {broken} broken {'link' if broken == 1 else 'links'}.")
        self.stdout.write(f"{location.name}: nothing to mend.")

    def _account(self, location: Location) -> Iterator[Step]:
        """Whether Meshdeck's own account gets in, where there is one and its password is here: workers have it."""
        if not location.account_name:
            return
        known = Account(
            location.account_name, location.account_domain, settings.ACCOUNT_PASSWORDS.get(location.name, "")
        )
        where = f"{known.name} in domain {known.domain_id}"
        if not known.password:
            yield Step("account", Outcome.SKIPPED, f"{where}: MESHDECK_ACCOUNT_PASSWORDS is the workers' alone.")
            return
        try:
            state = account.log_in(federation_of(location), known)
        except CloudError as error:
            mend = "Its name, the id of its domain, its password, and a role in that domain (docs/operators.md)."
            yield Step("account", Outcome.FAILED, f"{where}: {error.reason}", mend, error=error)
        else:
            yield Step("account", Outcome.OK, f"{where}, as {', '.join(state.roles) or 'nothing'}.")

    def _show(self, step: Step | FoundationStep) -> None:
        name = f"{step.name} {step.service}" if isinstance(step, Step) and step.service else str(step.name)
        self.stdout.write(f"{_MARKS[step.outcome]} {name:<24} {step.found}")
        if step.mend:
            self.stdout.write(f"{'':<33}-> {step.mend}")
        if step.error and step.error.request_id:
            self.stdout.write(f"{'':<33}request {step.error.request_id}")
