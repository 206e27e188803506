"""manage.py add_location NAME URL"""

from argparse import BooleanOptionalAction
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_slug

from clouds.openstack.session import Federation
from projects import onboarding
from projects.management import access_tokens
from projects.models import Location
from projects.onboarding import UnfitError


class Command(BaseCommand):
    """Adds a location, or brings an existing one up to date."""

    help = (
        "Adds an OpenStack region or a Cloud Foundry foundation as a location, or updates the one of that name. "
        "Keystone is asked for its version and its federation; with the token of a person also for its regions and "
        "services, which are otherwise looked up when the first person logs in. A foundation's API root is asked for "
        "its UAA and its login server."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="how people call it: letters, digits and hyphens, as in atlas@NAME")
        parser.add_argument("url", help="Keystone's address, with or without /v3; or a foundation's API root")
        parser.add_argument("--kind", default="openstack", choices=Location.Kind.values)
        parser.add_argument("--region", default="", help="the region, where the cloud has several")
        parser.add_argument(
            "--identity-provider",
            default="meshdeck",
            help="its id in Keystone, its origin in UAA (default: %(default)s)",
        )
        parser.add_argument("--protocol", default="openid", help="its id in Keystone (default: %(default)s)")
        parser.add_argument("--interface", default="public", choices=["public", "internal", "admin"])
        parser.add_argument("--position", type=int, help="order in menus, lowest first")
        parser.add_argument("--ca-file", type=Path, help="PEM file of the cloud's certificate authority, if private")
        parser.add_argument(
            "--trusts-cli-callback",
            action=BooleanOptionalAction,
            help="whether its Keystone sends browsers back to a person's own machine (docs/cli-access.md)",
        )
        parser.add_argument(
            "--passcode-in-place",
            action="store_true",
            help="a foundation's: the portal's pages may ask its login server for passcodes (docs/cloud-foundry.md)",
        )
        parser.add_argument(
            "--account",
            metavar="NAME@DOMAIN-ID",
            help="Meshdeck's own account, which makes users for machines there; empty: none (docs/operators.md)",
        )
        access_tokens.add_arguments(parser)

    def handle(self, *_: Any, **options: Any) -> None:
        name: str = options["name"]
        validate_slug(name)
        kind = Location.objects.filter(name=name).values_list("kind", flat=True).first()
        if kind not in (None, options["kind"]):
            raise CommandError(f"{name} is of kind {kind}: that stays. Take another name.")
        if options["kind"] == Location.Kind.CLOUDFOUNDRY:
            self._add_foundation(name, options)
            return
        account = _account(options["account"])
        federation = Federation(
            auth_url=options["url"],
            identity_provider=options["identity_provider"],
            protocol=options["protocol"],
            region=options["region"],
            interface=options["interface"],
            ca_bundle=_pem(options["ca_file"]),
        )
        token = access_tokens.access_token(user=options["user"], from_stdin=options["token_stdin"])
        known = Location.objects.filter(name=name).exists()
        try:
            federation, state = onboarding.examine(federation), None
            if token:
                state = onboarding.token_for(federation, token)
                federation = replace(federation, region=onboarding.region_of(federation, state))
        except UnfitError as error:
            raise CommandError(f"{name} is not added. {_OPTIONS.get(error.field, error.field)}: {error}") from error
        location = onboarding.save(
            name,
            federation,
            position=options["position"],
            trusts_cli_callback=options["trusts_cli_callback"],
            state=state,
            account=account,
        )
        self._report(location, known=known)

    def _add_foundation(self, name: str, options: dict[str, Any]) -> None:
        known = Location.objects.filter(name=name).exists()
        try:
            found = onboarding.examine_foundation(options["url"], _pem(options["ca_file"]))
        except UnfitError as error:
            raise CommandError(f"{name} is not added. {_OPTIONS.get(error.field, error.field)}: {error}") from error
        location = onboarding.save_foundation(
            name,
            found,
            options["identity_provider"],
            position=options["position"],
            in_place=options["passcode_in_place"],
        )
        self.stdout.write(f"{location.name} is {'up to date' if known else 'added'}: {location.auth_url}")
        self.stdout.write(f"  people come in by origin {location.identity_provider}")
        self._services(location)
        self._look(location)

    def _services(self, location: Location) -> None:
        for service in location.services.exclude(url=""):
            micro = f", up to {service.max_microversion}" if service.max_microversion else ""
            self.stdout.write(f"  {service.get_service_display()}: {service.url} {service.version}{micro}")

    def _look(self, location: Location) -> None:
        self.stdout.write(f"Look at the whole chain: manage.py check_location {location.name} --user USERNAME")

    def _report(self, location: Location, *, known: bool) -> None:
        self.stdout.write(f"{location.name} is {'up to date' if known else 'added'}: {location.auth_url}")
        way = f"identity provider {location.identity_provider}, protocol {location.protocol}"
        self.stdout.write(f"  people come in by {way}")
        if location.account_name:
            where = f"in domain {location.account_domain}"
            self.stdout.write(f"  users for machines: made by {location.account_name} {where}")
        self.stdout.write(f"  region: {location.region or 'taken from the catalogue when the first person logs in'}")
        self._services(location)
        self._look(location)


_OPTIONS = {
    "auth_url": "URL",
    "ca_bundle": "--ca-file",
    "identity_provider": "--identity-provider",
    "protocol": "--protocol",
    "region": "--region",
}


def _account(given: str | None) -> tuple[str, str] | None:
    """Name and domain; both empty for none, None where nothing was said."""
    if not given:
        return None if given is None else ("", "")
    name, _at, domain = given.rpartition("@")
    if not name or not domain:
        raise CommandError("--account: name and the id of its domain, as in meshdeck@default")
    return name, domain


def _pem(path: Path | None) -> str:
    if path is None:
        return ""
    try:
        return path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"--ca-file: {path} can't be read: {error}") from error
