"""Fetches: what one person wants to see now, read from the cloud and kept for a minute."""

from uuid import UUID

from celery import shared_task

from projects.fetching import fetching
from projects.fetching.asking import Wanted
from projects.models import Location
from projects.seats import AGAIN, Work, seat

_LIMIT = 18


@shared_task(name="projects.fetch", soft_time_limit=16, time_limit=_LIMIT)
def fetch(tenant_id: int, grant: str, what: str, external_id: str, lines: int = 0) -> None:
    """Fetch `what` (fetching.declared.FETCHES) of a thing as the person of `grant`. Done twice, it answers twice."""
    location = Location.objects.filter(tenants=tenant_id).first()
    if location is None:
        return
    with seat(location, Work.CHANGE, _LIMIT) as mine:
        if mine:
            fetching.fetch(Wanted(tenant_id, UUID(grant), what, external_id, lines))
        else:
            fetch.apply_async((tenant_id, grant, what, external_id, lines), countdown=AGAIN)
