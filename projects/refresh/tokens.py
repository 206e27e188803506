"""Keystone tokens of a person's login for a tenant, kept encrypted in the vault until shortly before they end."""

from datetime import timedelta
from uuid import UUID

from clouds.openstack import session
from clouds.openstack.session import AuthState
from portal.identity import vault
from projects.locations import federation_of
from projects.models import Tenant

_SPARE = timedelta(seconds=60)


def recall(tenant: Tenant, grant: UUID) -> AuthState | None:
    """The token kept for this login and tenant, if it still lives."""
    kept = vault.recall(_name(tenant, grant))
    return AuthState.from_json(kept.decode()) if kept else None


def remember(tenant: Tenant, grant: UUID, state: AuthState) -> None:
    """Keeps a scoped token until 60 s before its end, or the login's."""
    vault.remember(_name(tenant, grant), state.to_json().encode(), state.expires_at - _SPARE, owner=grant)


def fetch(tenant: Tenant, grant: UUID) -> AuthState:
    """A new token for the tenant, by way of the location's federation: two requests. Kept for the next time.

    CloudError as clouds.openstack.session raises it; SessionEnded and ProviderUnreachable as the vault does.
    """
    federation = federation_of(tenant.location)
    unscoped = session.unscoped(federation, vault.access_token(grant).value)
    state = session.scoped(federation, unscoped, tenant.external_id)
    remember(tenant, grant, state)
    return state


def forget(tenant: Tenant, grant: UUID) -> None:
    """Drops a token that the cloud no longer takes."""
    vault.forget(_name(tenant, grant))


def _name(tenant: Tenant, grant: UUID) -> str:
    return f"keystone:{grant}:{tenant.pk}"
