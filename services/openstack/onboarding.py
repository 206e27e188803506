"""An OpenStack becomes a location: Keystone's address, TLS, federation and region are looked at."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from clouds import errors
from clouds.errors import CloudError
from clouds.openstack import catalog, identity, session
from clouds.openstack.check import probe_federation
from clouds.openstack.session import AuthState, Federation
from projects.models import Location
from projects.platforms import Examined, UnfitError
from services.openstack.locations import discover_endpoints

_FEDERATION = ("auth_url", "region", "interface", "identity_provider", "protocol", "ca_bundle")


def examine(given: Mapping[str, Any], access_token: str | None = None) -> Examined:
    """Look at a cloud; with a person's access token also for its regions and services."""
    federation = _examined(Federation(**{field: given[field] for field in _FEDERATION}))
    state = None
    if access_token:
        state = _token_for(federation, access_token)
        federation = replace(federation, region=_region_of(federation, state))
    fields = {**given, **{field: getattr(federation, field) for field in _FEDERATION}}
    return Examined(fields, keep=partial(_keep, state=state))


def _keep(location: Location, *, state: AuthState | None) -> None:
    """Keep what the catalogue names, where somebody was let in."""
    if state:
        discover_endpoints(location, state)


def _examined(federation: Federation) -> Federation:
    """Look at a cloud without a token: Keystone's address, TLS, and whether people can come in by federation.

    Return it with Keystone's own address of version 3. UnfitError otherwise.
    """
    try:
        keystone = catalog.describe(federation.auth_url, federation.ca_bundle)
    except errors.Untrusted as error:
        raise UnfitError("ca_bundle", error.reason) from None
    except CloudError as error:
        raise UnfitError("auth_url", _words(error)) from None
    federation = replace(federation, auth_url=keystone.auth_url)
    try:
        probe_federation(federation)
    except errors.NotFound as error:
        raise UnfitError(
            "identity_provider",
            f"{error.reason} Without federation nobody can act there as themselves, so that Meshdeck takes no such "
            "location. docs/operators.md tells what Keystone needs.",
        ) from None
    except errors.Forbidden as error:
        raise UnfitError("protocol", error.reason) from None
    except CloudError as error:
        raise UnfitError("auth_url", _words(error)) from None
    return federation


def _token_for(federation: Federation, access_token: str) -> AuthState:
    """Return a token of the first project of the person that the access token is of. UnfitError if there is no way."""
    try:
        person = session.unscoped(federation, access_token)
        projects = identity.projects(federation, person)
        if not projects:
            raise UnfitError("auth_url", f"{person.user_name} has a role in no project there.")
        return session.scoped(federation, person, projects[0].external_id)
    except CloudError as error:
        raise UnfitError("auth_url", f"The access token gets nobody in: {_words(error)}") from None


def _region_of(federation: Federation, state: AuthState) -> str:
    """Return the region to take: the one asked for, or the only one there is. UnfitError when that is not clear."""
    there = catalog.regions(state)
    if federation.region and federation.region not in there:
        raise UnfitError("region", f"There is no region {federation.region}. There is {', '.join(there) or 'none'}.")
    if not federation.region and len(there) > 1:
        raise UnfitError("region", f"There are several regions: {', '.join(there)}. Name one of them.")
    return federation.region or (there[0] if there else "")


def _words(error: CloudError) -> str:
    return f"{error.reason} {error.detail}".strip()
