"""A cloud becomes a location: what its operator gave is looked at, and refused with the reason where it can't work.

The same for `manage.py add_location` and for the form in Django's admin.
"""

from dataclasses import replace

from clouds import errors
from clouds.cloudfoundry import foundation
from clouds.cloudfoundry.foundation import Foundation
from clouds.cloudfoundry.health import ping
from clouds.cloudfoundry.http import Part
from clouds.errors import CloudError
from clouds.openstack import catalog, identity, session
from clouds.openstack.check import probe_federation
from clouds.openstack.session import AuthState, Federation
from projects.models import Location
from services.cloudfoundry import locations as foundations
from services.openstack.locations import discover_endpoints


class UnfitError(Exception):
    """What was given does not make a location. `field` is the Location's field to mend."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def examine(federation: Federation) -> Federation:
    """Looks at a cloud without a token: Keystone's address, TLS, and whether people can come in by federation.

    Returns it with Keystone's own address of version 3. UnfitError otherwise.
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


def token_for(federation: Federation, access_token: str) -> AuthState:
    """A token of the first project of the person that the access token is of. UnfitError if there is no way."""
    try:
        person = session.unscoped(federation, access_token)
        projects = identity.projects(federation, person)
        if not projects:
            raise UnfitError("auth_url", f"{person.user_name} has a role in no project there.")
        return session.scoped(federation, person, projects[0].external_id)
    except CloudError as error:
        raise UnfitError("auth_url", f"The access token gets nobody in: {_words(error)}") from None


def region_of(federation: Federation, state: AuthState) -> str:
    """The region to take: the one asked for, or the only one there is. UnfitError when that is not clear."""
    there = catalog.regions(state)
    if federation.region and federation.region not in there:
        raise UnfitError("region", f"There is no region {federation.region}. There is {', '.join(there) or 'none'}.")
    if not federation.region and len(there) > 1:
        raise UnfitError("region", f"There are several regions: {', '.join(there)}. Name one of them.")
    return federation.region or (there[0] if there else "")


def save(
    name: str,
    federation: Federation,
    *,
    position: int | None = None,
    trusts_cli_callback: bool | None = None,
    state: AuthState | None = None,
    account: tuple[str, str] | None = None,
) -> Location:
    """Makes the location, or brings the one of that name up to date; with a token its services are looked up too.

    `account` are name and domain of Meshdeck's own account there, both empty for none. None leaves as it is what is
    known of it.
    """
    fields: dict[str, object] = {
        "auth_url": federation.auth_url,
        "identity_provider": federation.identity_provider,
        "protocol": federation.protocol,
        "region": federation.region,
        "interface": federation.interface,
        "ca_bundle": federation.ca_bundle,
    }
    account_name, account_domain = account or (None, None)
    given = {
        "position": position,
        "trusts_cli_callback": trusts_cli_callback,
        "account_name": account_name,
        "account_domain": account_domain,
    }
    fields |= {field: value for field, value in given.items() if value is not None}
    location, _ = Location.objects.update_or_create(name=name, defaults=fields)
    if state:
        discover_endpoints(location, state)
    return location


def examine_foundation(api_url: str, ca_bundle: str = "") -> Foundation:
    """Looks at a Cloud Foundry foundation without a token: its API root, and UAA and login server that it names.

    UnfitError otherwise.
    """
    try:
        found = foundation.describe(api_url, ca_bundle)
    except errors.Untrusted as error:
        raise UnfitError("ca_bundle", error.reason) from None
    except CloudError as error:
        raise UnfitError("auth_url", _words(error)) from None
    parts = {Part.UAA: found.uaa_url, Part.LOGIN: found.login_url}
    if fault := next((one.error for one in ping(parts, ca_bundle) if one.error), None):
        raise UnfitError("auth_url", _words(fault))
    return found


def save_foundation(
    name: str, found: Foundation, origin: str, *, position: int | None = None, in_place: bool = False
) -> Location:
    """Makes the location, or brings the one of that name up to date. `origin` is the identity provider's in UAA."""
    fields: dict[str, object] = {
        "kind": Location.Kind.CLOUDFOUNDRY,
        "auth_url": found.api_url,
        "identity_provider": origin,
        "ca_bundle": found.ca_bundle,
        "passcode_in_place": in_place,
    }
    if position is not None:
        fields["position"] = position
    location, _ = Location.objects.update_or_create(name=name, defaults=fields)
    foundations.keep(location, found)
    return location


def _words(error: CloudError) -> str:
    return f"{error.reason} {error.detail}".strip()
