"""Refreshes: one tenant's, and those of all tenants in use."""

from datetime import datetime, timedelta
from uuid import UUID

from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded
from django.utils import timezone

from portal.identity import vault
from projects import freshness, platforms
from projects.models import Location, Membership, Tenant
from projects.refresh import refreshing
from projects.seats import AGAIN, Work, seat

_LOOKING = timedelta(seconds=30)
_IN_USE = timedelta(minutes=10)
_OLD = timedelta(seconds=60)
_LIMIT = 90


# The soft limit ends a refresh before its claim is stale (refresh/claims.py): two never write at the same time.
@shared_task(name="projects.refresh", soft_time_limit=50, time_limit=_LIMIT)
def refresh(tenant_id: int, grant: str, claim: str, asked: bool = False) -> None:
    """Refresh a tenant as the person of `grant`; `claim` is when the refresh was claimed, ISO 8601.

    Done twice, or after a crash, it does nothing: the claim is gone.
    """
    location = Location.objects.filter(tenants=tenant_id).first()
    if location is None:
        return
    with seat(location, Work.READ, _LIMIT) as mine:
        if not mine:
            freshness.refresh_later(tenant_id, grant, claim, asked=asked, countdown=AGAIN)
            return
        try:
            outcome = refreshing.refresh(tenant_id, UUID(grant), datetime.fromisoformat(claim), asked=asked)
        except SoftTimeLimitExceeded:
            refreshing.took_too_long(tenant_id)
            return
    if outcome.refused:
        freshness.discover_soon(UUID(grant))
    if outcome.changing:
        # While somebody looks, the next refresh follows at once.
        looking = Tenant.objects.filter(pk=tenant_id, looked_at__gt=timezone.now() - _LOOKING)
        if looking.exists():
            freshness.request_refresh(tenant_id, UUID(grant), older_than=timedelta(0), countdown=1)


@shared_task(name="projects.refresh_in_use")
def refresh_in_use() -> None:
    """Has the tenants refreshed that somebody looked at lately, as a member who is still logged in."""
    now = timezone.now()
    in_use = Tenant.objects.filter(location__enabled=True, looked_at__gt=now - _IN_USE, refreshed_at__lt=now - _OLD)
    in_use = in_use.filter(location__kind__in=platforms.with_inventory())
    in_use = in_use.exclude(location__health=Location.Health.DOWN, location__next_try_at__gt=now)
    for tenant in in_use:
        members = Membership.objects.filter(tenant=tenant).select_related("user")
        grant = next((grant for member in members if (grant := vault.live_grant(member.user))), None)
        if grant:
            freshness.request_refresh(tenant.pk, grant, older_than=_OLD)
