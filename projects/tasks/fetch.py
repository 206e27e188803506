"""Fetches: what one person wants to see now, read from the cloud and kept for a minute."""

from uuid import UUID

from celery import shared_task

from projects.fetching import fetching
from projects.fetching.asking import Wanted


@shared_task(name="projects.fetch", soft_time_limit=16, time_limit=18)
def fetch(tenant_id: int, grant: str, what: str, external_id: str, lines: int = 0) -> None:
    """Fetch `what` (fetching.declared.FETCHES) of a thing as the person of `grant`. Done twice, it answers twice."""
    fetching.fetch(Wanted(tenant_id, UUID(grant), what, external_id, lines))
