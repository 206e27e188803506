"""Discoveries: one person's projects at one location, and those of everybody who is active."""

from datetime import timedelta
from uuid import UUID

from celery import shared_task

from portal.identity.models import Grant
from projects import freshness, platforms
from projects.discovery import discovering
from projects.models import Location
from projects.refresh import health
from projects.seats import AGAIN, Work, seat

_LIMIT = 90


@shared_task(name="projects.discover", soft_time_limit=60, time_limit=_LIMIT)
def discover(grant: str, location_id: int) -> None:
    """Look up the projects and roles of the person of `grant` at a location; tenants seen first are refreshed."""
    handle = UUID(grant)
    login = Grant.objects.filter(pk=handle, ended_at=None).select_related("user").first()
    location = Location.objects.filter(pk=location_id, enabled=True).first()
    if login is None or location is None:
        return
    if not health.may_try(location):
        discovering.not_asked(login.user, location)
        return
    with seat(location, Work.READ, _LIMIT) as mine:
        if not mine:
            discover.apply_async((grant, location_id), countdown=AGAIN)
            return
        found = discovering.discover(login.user, handle, location)
    for tenant in found:
        if tenant.refreshed_at is None and platforms.has_inventory(location):
            freshness.request_refresh(tenant.pk, handle, older_than=timedelta(0))


@shared_task(name="projects.rediscover")
def rediscover() -> None:
    """Has the memberships of active people confirmed, so that a lost role is gone within a minute."""
    freshness.rediscover_active()
