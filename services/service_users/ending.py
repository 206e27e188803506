"""The end of an overlap: the old secret is revoked as its owner, for which its owner has to be logged in."""

from datetime import datetime

import structlog
from django.core.exceptions import PermissionDenied

from portal.identity import vault
from projects import access
from projects.access import Visit
from projects.actions import ACTIONS
from projects.models import Role
from projects.operations import asking
from projects.operations.asking import KeyReusedError, RefusedError
from services.service_users.models import ServiceUser

log = structlog.get_logger(__name__)


def end_overlaps(now: datetime) -> None:
    """Asks for the revocation of every old one whose time is over. One that failed is asked for again each hour."""
    action = ACTIONS["revoke-service-user"]
    over = ServiceUser.objects.filter(ends_at__lte=now).select_related("owner")
    for row in over:
        grant = vault.live_grant(row.owner)
        membership = access.memberships(row.owner).filter(tenant=row.tenant_id)
        there = membership.select_related("tenant__project", "tenant__location").order_by().first()
        if grant is None or there is None:
            continue  # the cloud would refuse whom we have not
        visit = Visit(row.owner, there.tenant, Role(there.role))
        params = action.params.model_validate({"external_id": row.external_id, "overlap": True})
        key = f"overlap-{row.pk}-{now:%Y%m%d%H}"
        try:
            asking.ask(visit, grant, action, params, key=key)
        except (RefusedError, PermissionDenied, KeyReusedError) as refused:
            log.info("overlap_not_ended", service_user=row.pk, reason=str(refused))
