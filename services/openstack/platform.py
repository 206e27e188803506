"""OpenStack as a platform: a location is a region, a tenant a Keystone project."""

from argparse import ArgumentParser, BooleanOptionalAction
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

from clouds import errors
from clouds.errors import CloudError
from clouds.openstack import health as cloud_health
from clouds.openstack.services import Endpoint
from clouds.openstack.services import Service as CloudService
from clouds.openstack.session import Connection
from projects.models import Location, Membership, Tenant
from projects.platforms import Discovered, Examined, Link, Platform, UnfitError
from projects.refresh.health import Outcome
from projects.refresh.reading import Seen
from services.openstack import checking, discovery, onboarding, reading, tokens
from services.openstack.locations import endpoints_of
from services.openstack.words import MEASURES, SERVICES

T = TypeVar("T")


class OpenStack(Platform[Connection]):
    """Regions of OpenStack clouds, which people enter by Keystone's federation."""

    key = "openstack"
    label = "OpenStack"
    services = SERVICES
    measures = MEASURES
    entrance = CloudService.IDENTITY.value
    reads = (
        CloudService.COMPUTE.value,
        CloudService.NETWORK.value,
        CloudService.BLOCK_STORAGE.value,
        CloudService.IMAGE.value,
        CloudService.OBJECT_STORE.value,
    )
    connection = ("auth_url", "region", "interface", "identity_provider", "protocol", "ca_bundle")

    def program(self, tenant: Tenant) -> Sequence[str]:
        # The name that clouds.yaml has for the tenant.
        return ("openstack", f"--os-cloud={tenant.project.slug}-{tenant.location.name}")

    def as_person(
        self,
        tenant: Tenant,
        grant: UUID,
        work: Callable[[Connection], T],
        *,
        request_id: str | None = None,
        seconds: float | None = None,
    ) -> T:
        return tokens.as_person(tenant, grant, work, request_id=request_id, seconds=seconds)

    def discover(self, location: Location, grant: UUID) -> Discovered:
        return discovery.discover(location, grant)

    def why_refused(self, error: CloudError) -> str:
        if isinstance(error, errors.Unauthorized):
            # Keystone says the same to a login that it does not trust and to one whose groups no rule of it names.
            return "It lets you in with none of your groups, or does not trust this login (401)."
        return super().why_refused(error)

    def read(self, tenant: Tenant, grant: UUID, *, slow: bool, reader: Membership | None) -> Seen:
        return reading.read(tenant, grant, slow=slow, reader=reader)

    def ping(self, location: Location, *, entrance: bool = False) -> list[Outcome]:
        # Keystone by its own address, which is known before anybody has logged in, and what the catalogue named.
        endpoints = [Endpoint(CloudService.IDENTITY, location.auth_url.rstrip("/"))]
        if not entrance:
            endpoints += [one for one in endpoints_of(location) if one.service is not CloudService.IDENTITY]
        pings = cloud_health.ping(endpoints, location.ca_bundle)
        return [Outcome(one.service.value, one.error, one.latency_ms) for one in pings]

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--region", default="", help="the region, where the cloud has several")
        parser.add_argument("--protocol", default="openid", help="its id in Keystone (default: %(default)s)")
        parser.add_argument("--interface", default="public", choices=["public", "internal", "admin"])
        parser.add_argument(
            "--trusts-cli-callback",
            action=BooleanOptionalAction,
            help="whether its Keystone sends browsers back to a person's own machine (docs/cli-access.md)",
        )
        parser.add_argument(
            "--account",
            metavar="NAME@DOMAIN-ID",
            help="Meshdeck's own account, which makes users for machines there; empty: none (docs/operators.md)",
        )

    def given(self, options: Mapping[str, Any]) -> dict[str, Any]:
        name, domain = _account(options["account"])
        fields = {field: options[field] for field in ("region", "protocol", "interface", "trusts_cli_callback")}
        return {**fields, "account_name": name, "account_domain": domain}

    def examine(self, given: Mapping[str, Any], access_token: str | None = None) -> Examined:
        return onboarding.examine(given, access_token)

    def described(self, location: Location) -> Iterator[str]:
        yield f"people come in by identity provider {location.identity_provider}, protocol {location.protocol}"
        if location.account_name:
            where = f"in domain {location.account_domain}"
            yield f"users for machines: made by {location.account_name} {where}"
        yield f"region: {location.region or 'taken from the catalogue when the first person logs in'}"

    def check(self, location: Location, access_token: str | None) -> Iterator[Link]:
        return checking.check(location, access_token)


def _account(given: str | None) -> tuple[str | None, str | None]:
    """Return name and domain; both empty for none, None where nothing was said."""
    if not given:
        return (None, None) if given is None else ("", "")
    name, _at, domain = given.rpartition("@")
    if not name or not domain:
        raise UnfitError("account_name", "name and the id of its domain, as in meshdeck@default")
    return name, domain
