"""manage.py add_location NAME URL"""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_slug

from projects import onboarding, platforms
from projects.management import access_tokens
from projects.models import Location
from projects.platforms import PLATFORMS, UnfitError


class Command(BaseCommand):
    """Adds a location, or brings an existing one up to date."""

    help = (
        "Adds a cloud as a location, or updates the one of that name. The cloud is asked how people come in; with the "
        "token of a person also for its services, which are otherwise looked up when the first person logs in."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="how people call it: letters, digits and hyphens, as in atlas@NAME")
        parser.add_argument("url", help="the address of its entrance, as its platform wants it (docs/operators.md)")
        kinds = list(PLATFORMS)
        parser.add_argument("--kind", default=kinds[0], choices=kinds, help="its platform (default: %(default)s)")
        parser.add_argument(
            "--identity-provider", default="meshdeck", help="the provider's id there (default: %(default)s)"
        )
        parser.add_argument("--position", type=int, help="order in menus, lowest first")
        parser.add_argument("--ca-file", type=Path, help="PEM file of the cloud's certificate authority, if private")
        for platform in PLATFORMS.values():
            platform.add_arguments(parser)
        access_tokens.add_arguments(parser)

    def handle(self, *_: Any, **options: Any) -> None:
        name: str = options["name"]
        validate_slug(name)
        kind = Location.objects.filter(name=name).values_list("kind", flat=True).first()
        if kind not in (None, options["kind"]):
            raise CommandError(f"{name} is of kind {kind}: that stays. Take another name.")
        platform = PLATFORMS[options["kind"]]
        token = access_tokens.access_token(user=options["user"], from_stdin=options["token_stdin"])
        try:
            given = {
                "auth_url": options["url"],
                "identity_provider": options["identity_provider"],
                "ca_bundle": _pem(options["ca_file"]),
                **platform.given(options),
            }
            examined = platform.examine(given, token)
        except UnfitError as error:
            raise CommandError(f"{name} is not added. {_OPTIONS.get(error.field, error.field)}: {error}") from error
        location = onboarding.save(name, platform, examined, position=options["position"])
        self.stdout.write(f"{location.name} is {'added' if kind is None else 'up to date'}: {location.auth_url}")
        for line in platform.described(location):
            self.stdout.write(f"  {line}")
        for service in location.services.exclude(url=""):
            micro = f", up to {service.max_microversion}" if service.max_microversion else ""
            label = platforms.label_of(service.service)
            self.stdout.write(f"  {label}: {service.url} {service.version}{micro}")
        self.stdout.write(f"Look at the whole chain: manage.py check_location {location.name} --user USERNAME")


_OPTIONS = {
    "account_name": "--account",
    "auth_url": "URL",
    "ca_bundle": "--ca-file",
    "identity_provider": "--identity-provider",
    "protocol": "--protocol",
    "region": "--region",
}


def _pem(path: Path | None) -> str:
    if path is None:
        return ""
    try:
        return path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"--ca-file: {path} can't be read: {error}") from error
