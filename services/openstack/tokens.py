"""Keystone tokens of a person's login for a tenant, kept encrypted in the vault until shortly before they end."""

from collections.abc import Callable
from datetime import timedelta
from time import monotonic
from typing import TypedDict, TypeVar, Unpack
from uuid import UUID

from clouds import errors
from clouds.openstack import session
from clouds.openstack.session import AuthState, Connection
from portal.identity import vault
from projects.models import Tenant
from services.openstack.locations import discover_endpoints, endpoints_of, federation_of

T = TypeVar("T")

_SPARE = timedelta(seconds=60)


class Options(TypedDict, total=False):
    """Of a connection: the id that goes along with each call, and after how many seconds nothing more is asked."""

    request_id: str | None
    seconds: float | None


def recall(tenant: Tenant, grant: UUID) -> AuthState | None:
    """Return the token kept for this login and tenant, if it still lives."""
    kept = vault.recall(_name(tenant, grant))
    return AuthState.from_json(kept.decode()) if kept else None


def remember(tenant: Tenant, grant: UUID, state: AuthState) -> None:
    """Keep a scoped token until 60 s before its end, or the login's."""
    vault.remember(_name(tenant, grant), state.to_json().encode(), state.expires_at - _SPARE, owner=grant)


def fetch(tenant: Tenant, grant: UUID, *, renewed: bool = False) -> AuthState:
    """Return a new token for the tenant, by way of the location's federation: two requests. Kept for the next time.

    `renewed`: by a new access token, so that the provider's word on the person's groups is of now. CloudError as
    clouds.openstack.session raises it; SessionEnded and ProviderUnreachable as the vault does.
    """
    federation = federation_of(tenant.location)
    access = vault.fresh_token(grant) if renewed else vault.access_token(grant)
    unscoped = session.unscoped(federation, access.value)
    try:
        state = session.scoped(federation, unscoped, tenant.external_id)
    except errors.Unauthorized as error:
        # The login was accepted a moment ago, so it is the project. Keystone does not tell why.
        raise errors.NotAdmitted(
            error.reason, service=error.service, status=error.status, request_id=error.request_id, url=error.url
        ) from error
    remember(tenant, grant, state)
    return state


def as_person(
    tenant: Tenant,
    grant: UUID,
    work: Callable[[Connection], T],
    *,
    stale: Callable[[T], bool] = lambda _: False,
    **options: Unpack[Options],
) -> T:
    """Return what `work` gets from the tenant's cloud as the person; with a fresh token, once more, where the kept
    is refused.

    `stale` tells it of what `work` returned, where it raises no Unauthorized itself. CloudError, SessionEnded and
    ProviderUnreachable as `fetch`.
    """
    state = recall(tenant, grant)
    if state is not None:
        try:
            found = _with(tenant, state, work, **options)
            if not stale(found):
                return found
        except errors.Unauthorized:
            pass  # as `stale`
        forget(tenant, grant)  # ended before its time
    return _with(tenant, fetch(tenant, grant), work, **options)


def as_person_now(tenant: Tenant, grant: UUID, work: Callable[[Connection], T]) -> T:
    """Do the same by a login that is made anew, where it matters what the person may at this moment."""
    return _with(tenant, fetch(tenant, grant, renewed=True), work)


def _with(tenant: Tenant, state: AuthState, work: Callable[[Connection], T], **options: Unpack[Options]) -> T:
    seconds = options.get("seconds")
    endpoints = endpoints_of(tenant.location) or discover_endpoints(tenant.location, state)
    with session.connect(
        federation_of(tenant.location), state, endpoints, request_id=options.get("request_id")
    ) as cloud:
        cloud.http.deadline = None if seconds is None else monotonic() + seconds
        return work(cloud)


def forget(tenant: Tenant, grant: UUID) -> None:
    """Drop a token that the cloud no longer takes."""
    vault.forget(_name(tenant, grant))


def _name(tenant: Tenant, grant: UUID) -> str:
    return f"keystone:{grant}:{tenant.pk}"
