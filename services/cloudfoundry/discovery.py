"""One discovery at a Cloud Foundry foundation: which spaces one person has a role in, asked for as that person."""

from datetime import datetime
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from clouds import errors
from clouds.cloudfoundry import spaces, tokens
from clouds.cloudfoundry.spaces import Space
from clouds.cloudfoundry.tokens import Client, Token
from clouds.errors import CloudError
from clouds.openstack.identity import CloudProject
from portal.identity import vault
from portal.identity.errors import ProviderUnreachable, SessionEnded
from portal.identity.models import User
from projects.discovery.grouping import tenant_of
from projects.discovery.roles import strongest
from projects.discovery.run import end, not_told, tell
from projects.models import Location, Membership, Service, Tenant
from projects.refresh import health
from services.cloudfoundry import locations as foundations

log = structlog.get_logger(__name__)


def discover(user: User, grant: UUID, location: Location) -> None:
    """Asks the foundation for the person's spaces and roles, and writes the memberships.

    Nothing is raised of what the foundation or the identity provider does wrong: the person's Discovery row tells it.
    UAA's token is used for this and then forgotten.
    """
    began = timezone.now()
    client = Client(settings.CLOUDFOUNDRY_CLIENT_ID, settings.CLOUDFOUNDRY_CLIENT_SECRET)
    try:
        foundation = foundations.foundation_of(location)
        token = tokens.by_assertion(foundation, client, vault.access_token(grant).value)
        found = spaces.mine(foundation, token)
    except SessionEnded:
        log.info("discover_without_session", user_id=user.pk, location=location.name)
        return
    except ProviderUnreachable:
        tell(user, location, began, "The identity provider is not answering, so that nobody can be let in.", "")
        return
    except CloudError as error:
        reason = f"{error.reason} {error.detail}".strip()
        if isinstance(error, errors.Unauthorized):
            reason = f"UAA does not take this login, or not from the portal's client {client.id} (401)."
        if not_told(user, location, began, error, reason):
            health.record(location.pk, foundations.ask(location))
        return
    _write(user, location, began, token, found)
    health.record(location.pk, [health.Outcome(Service.UAA, None), health.Outcome(Service.CLOUD_CONTROLLER, None)])
    log.info("discovered", user_id=user.pk, location=location.name, projects=len(found))


def _write(user: User, location: Location, began: datetime, token: Token, found: list[Space]) -> list[Tenant]:
    """Makes the person's memberships at the foundation equal to what it said. The tenants of them."""
    tenants = [tenant_of(location, CloudProject(one.guid, one.organization), one.name) for one in found]
    with transaction.atomic():
        if not tell(user, location, began, "", "", found=len(found)):
            return []  # a discovery that began later has already written: what we saw is older
        Membership.objects.bulk_create(
            [
                Membership(
                    user=user,
                    tenant=tenant,
                    role=strongest(one.roles),
                    cloud_roles=list(one.roles),
                    confirmed_at=began,
                    cloud_user_id=token.user_id,
                )
                for tenant, one in zip(tenants, found, strict=True)
            ],
            update_conflicts=True,
            unique_fields=["user", "tenant"],
            update_fields=["role", "cloud_roles", "confirmed_at", "cloud_user_id"],
        )
        end(Membership.objects.filter(user=user, tenant__location=location).exclude(tenant__in=tenants))
    return tenants
