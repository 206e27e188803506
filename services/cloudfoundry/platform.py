"""Cloud Foundry as a platform: a location is a foundation, a tenant a space of an org. Nothing is read of it yet."""

from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, NoReturn
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _

from clouds import errors
from clouds.cloudfoundry import check, foundation
from clouds.cloudfoundry.health import ping
from clouds.cloudfoundry.http import Part
from clouds.cloudfoundry.tokens import Client
from clouds.errors import CloudError
from projects.models import Location, Tenant
from projects.platforms import Discovered, Examined, Found, Link, Platform, Service, UnfitError
from projects.refresh.health import Outcome
from services.cloudfoundry import discovery
from services.cloudfoundry import locations as foundations


class CloudFoundry(Platform[NoReturn]):
    """Foundations, whose UAA trusts the identity provider."""

    key = "cloudfoundry"
    label = "Cloud Foundry"
    services = (
        Service(Part.CLOUD_CONTROLLER.value, Part.CLOUD_CONTROLLER.label),
        Service(Part.UAA.value, Part.UAA.label),
        Service(Part.LOGIN.value, Part.LOGIN.label),
    )
    entrance = Part.UAA.value
    connection = ("auth_url", "identity_provider", "ca_bundle")

    def said_of(self, tenant: Tenant) -> str:
        return _("org %(org)s, space %(space)s") % {"org": tenant.external_name, "space": tenant.space}

    def as_person(
        self,
        tenant: Tenant,
        grant: UUID,
        work: Callable[[NoReturn], object],
        *,
        request_id: str | None = None,
        seconds: float | None = None,
    ) -> NoReturn:
        raise NotImplementedError("no action and no page works in a space yet")

    def discover(self, location: Location, grant: UUID) -> Discovered:
        return discovery.discover(location, grant)

    def why_refused(self, error: CloudError) -> str:
        if isinstance(error, errors.Unauthorized):
            return f"UAA does not take this login, or not from the portal's client {_client().id} (401)."
        return super().why_refused(error)

    def blame(self, location: Location, error: CloudError) -> list[Outcome]:
        # The entrance is two of its parts: which of them is away, asking tells.
        return self.ping(location)

    def ping(self, location: Location, *, entrance: bool = False) -> list[Outcome]:
        return foundations.ask(location)

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--passcode-in-place",
            action="store_true",
            help="a foundation's: the portal's pages may ask its login server for passcodes (docs/cloud-foundry.md)",
        )

    def given(self, options: Mapping[str, Any]) -> dict[str, Any]:
        return {"passcode_in_place": options["passcode_in_place"]}

    def examine(self, given: Mapping[str, Any], access_token: str | None = None) -> Examined:
        """Look at the API root, and at UAA and login server that it names. Nobody's token is needed for that."""
        try:
            found = foundation.describe(given["auth_url"], given["ca_bundle"])
        except errors.Untrusted as error:
            raise UnfitError("ca_bundle", error.reason) from None
        except CloudError as error:
            raise UnfitError("auth_url", _words(error)) from None
        parts = {Part.UAA: found.uaa_url, Part.LOGIN: found.login_url}
        if fault := next((one.error for one in ping(parts, found.ca_bundle) if one.error), None):
            raise UnfitError("auth_url", _words(fault))
        return Examined({**given, "auth_url": found.api_url}, keep=partial(foundations.keep, found=found))

    def described(self, location: Location) -> Iterator[str]:
        yield f"people come in by origin {location.identity_provider}"

    def check(self, location: Location, access_token: str | None) -> Iterator[Link]:
        for step in check.check(location.auth_url, _client(), access_token, location.ca_bundle):
            yield Link(str(step.name), Found(step.outcome.value), step.found, step.mend, step.error)


def _client() -> Client:
    return Client(settings.CLOUDFOUNDRY_CLIENT_ID, settings.CLOUDFOUNDRY_CLIENT_SECRET)


def _words(error: CloudError) -> str:
    return f"{error.reason} {error.detail}".strip()
