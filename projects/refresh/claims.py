"""Single flight: one refresh of a tenant at a time, by conditional UPDATEs whose rows are counted. No locks."""

from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from projects.models import Tenant

# A refresh is ended by its time limit before this (tasks/refresh.py); an older claim is one of a dead worker.
STALE = timedelta(seconds=60)


def _free(now: datetime) -> Q:
    return Q(refresh_started_at=None) | Q(refresh_started_at__lt=now - STALE)


def take(tenant_id: int, *, older_than: timedelta) -> datetime | None:
    """Claims the refresh of a tenant last refreshed longer ago than `older_than`. None: not due, or another has it."""
    now = timezone.now()
    due = Q(refreshed_at=None) | Q(refreshed_at__lte=now - older_than)
    taken = Tenant.objects.filter(_free(now), due, pk=tenant_id).update(refresh_started_at=now)
    return now if taken else None


def begin(tenant_id: int, claim: datetime) -> datetime | None:
    """Turn the claim of whoever enqueued into the worker's own, whose time starts now.

    None: the claim is no longer ours, because it was carried out (a task delivered twice) or taken over.
    """
    now = timezone.now()
    begun = Tenant.objects.filter(pk=tenant_id, refresh_started_at=claim).update(refresh_started_at=now)
    return now if begun else None


def release(tenant_id: int, claim: datetime, *, tried: bool) -> None:
    """Give the claim back, if it is still ours. `tried`: the cloud was asked, so that the next try is not due yet."""
    ours = Tenant.objects.filter(pk=tenant_id, refresh_started_at=claim)
    if tried:
        ours.update(refresh_started_at=None, refreshed_at=timezone.now())
    else:
        ours.update(refresh_started_at=None)
