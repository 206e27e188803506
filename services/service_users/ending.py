"""What we have to end ourselves, as its owner, for which its owner has to be logged in.

The old secret after an overlap, and at their end those whose cloud knows of no end.
"""

from datetime import datetime

import structlog
from django.core.exceptions import PermissionDenied
from django.db.models import Q

from portal.identity import vault
from projects import access
from projects.access import Visit
from projects.actions import ACTIONS
from projects.models import Role
from projects.operations import asking
from projects.operations.asking import KeyReusedError, RefusedError
from services.service_users.kinds import KINDS
from services.service_users.models import ServiceUser

log = structlog.get_logger(__name__)


def is_over(row: ServiceUser, now: datetime) -> bool:
    """Whether it is for us to end it, and time."""
    ended = row.ends_at is not None and row.ends_at <= now
    return ended or (not KINDS[row.kind].bounded and row.expires_at is not None and row.expires_at <= now)


def end_due(now: datetime) -> None:
    """Asks for the revocation of every one whose time is over. One that failed is asked for again each hour."""
    action = ACTIONS["revoke-service-user"]
    unbounded = [key for key, kind in KINDS.items() if not kind.bounded]
    due = Q(ends_at__lte=now) | Q(expires_at__lte=now, kind__in=unbounded)
    over = ServiceUser.objects.filter(due).select_related("owner")
    for row in over:
        grant = vault.live_grant(row.owner)
        membership = access.memberships(row.owner).filter(tenant=row.tenant_id)
        there = membership.select_related("tenant__project", "tenant__location").order_by().first()
        if grant is None or there is None:
            continue  # the cloud would refuse whom we have not
        visit = Visit(row.owner, there.tenant, Role(there.role))
        params = action.params.model_validate({"external_id": row.external_id, "overlap": row.ends_at is not None})
        key = f"overlap-{row.pk}-{now:%Y%m%d%H}"
        try:
            asking.ask(visit, grant, action, params, key=key)
        except (RefusedError, PermissionDenied, KeyReusedError) as refused:
            log.info("service_user_not_ended", service_user=row.pk, reason=str(refused))
