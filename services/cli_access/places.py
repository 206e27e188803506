"""Rows as the files want them: a person's tenants as places, the site's identity provider."""

from collections import Counter
from collections.abc import Iterable

from django.conf import settings

from portal.identity import discovery, pages
from portal.identity.errors import ProviderUnreachable
from portal.identity.models import User
from projects import access, platforms
from projects.access import Visit
from projects.models import Tenant
from services.cli_access.description import Place, Provider


def place_of(visit: Visit) -> Place:
    """Return the tenant of a visit, called as in the file of all of this person's tenants."""
    return next(place for tenant, place in _all(visit.user) if tenant.pk == visit.tenant.pk)


def places_of(user: User) -> list[Place]:
    """All of a person's tenants that the openstack command can be used with, in the order of menus (one query)."""
    return [place for tenant, place in _all(user) if platforms.has_inventory(tenant.location)]


def names_of(places: Iterable[tuple[str, str]]) -> list[str]:
    """Return what the entries of clouds.yaml are called, for (project, location) each: `atlas-north`.

    Where two would be called the same ("a-b" in "c" and "a" in "b-c") both are called as everywhere else, `a-b@c`: a
    name can't have an @ in it, so that one is nobody else's.
    """
    places = list(places)
    often = Counter(f"{project}-{location}" for project, location in places)
    return [
        f"{project}-{location}" if often[f"{project}-{location}"] == 1 else f"{project}@{location}"
        for project, location in places
    ]


def provider() -> Provider:
    """Return the site's identity provider, with the client that is the command line's own."""
    try:
        known = discovery.provider().known()
    except ProviderUnreachable:
        known = None  # most files can be had while it is away
    return Provider(
        name=pages.provider_name(),
        discovery_endpoint=f"{settings.OIDC_ISSUER}/.well-known/openid-configuration",
        client_id=settings.CLI_CLIENT_ID,
        scope=settings.CLI_SCOPES,
        password_client_id=settings.CLI_PASSWORD_CLIENT_ID,
        password_client_secret=settings.CLI_PASSWORD_CLIENT_SECRET,
        grants=known.grants if known else frozenset(),
        token_endpoint=known.token_endpoint if known else "",
        revokes=bool(known and known.revocation_endpoint),
        spends=settings.CLI_OFFLINE_TOKENS,
        panel=settings.BASE_URL,
    )


def _all(user: User) -> list[tuple[Tenant, Place]]:
    rows = access.memberships(user).select_related("tenant__project", "tenant__location")
    tenants = [row.tenant for row in rows]
    names = names_of((tenant.project.slug, tenant.location.name) for tenant in tenants)
    return [(tenant, place_at(tenant, name)) for tenant, name in zip(tenants, names, strict=True)]


def place_at(tenant: Tenant, name: str, machine: str = "") -> Place:
    """Return a tenant under this name; `machine` as a slug, where the files are a service user's."""
    location = tenant.location
    return Place(
        name=name,
        project=tenant.project.slug,
        location=location.name,
        project_id=tenant.external_id,
        project_name=tenant.external_name,
        domain_id=tenant.domain_id,
        auth_url=location.auth_url,
        identity_provider=location.identity_provider,
        protocol=location.protocol,
        region=location.region,
        interface=location.interface,
        trusts_callback=location.trusts_cli_callback,
        ca_bundle=location.ca_bundle,
        machine=machine,
    )
