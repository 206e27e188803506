"""Discoveries: one person's projects at one location, and those of everybody who is active."""

from datetime import timedelta
from uuid import UUID

from celery import shared_task

from portal.identity.models import Grant
from projects import freshness
from projects.discovery import run
from projects.models import Location
from projects.refresh import health
from services.cloudfoundry import discovery as spaces


@shared_task(name="projects.discover", soft_time_limit=60, time_limit=90)
def discover(grant: str, location_id: int) -> None:
    """Looks up the projects and roles of the person of `grant` at a location; tenants seen first are refreshed."""
    handle = UUID(grant)
    login = Grant.objects.filter(pk=handle, ended_at=None).select_related("user").first()
    location = Location.objects.filter(pk=location_id, enabled=True).first()
    if login is None or location is None:
        return
    if not health.may_try(location):
        run.not_asked(login.user, location)
        return
    if location.kind == Location.Kind.CLOUDFOUNDRY:
        spaces.discover(login.user, handle, location)
        return
    for tenant in run.discover(login.user, handle, location):
        if tenant.refreshed_at is None:
            freshness.request_refresh(tenant.pk, handle, older_than=timedelta(0))


@shared_task(name="projects.rediscover")
def rediscover() -> None:
    """Has the memberships of active people confirmed, so that a lost role is gone within a minute."""
    freshness.rediscover_active()
