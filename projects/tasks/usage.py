"""Usage over time: samples of the limits for the plots, thinned out as they age."""

from collections import defaultdict
from datetime import datetime, timedelta

from celery import shared_task
from django.db.models import Exists, OuterRef
from django.db.models.functions import TruncHour
from django.utils import timezone

from projects import platforms
from projects.models import Change, Limit, Reading, Tenant, UsageSample

EVERY = timedelta(minutes=5)
RAW = timedelta(days=8)
HOURLY = timedelta(days=100)
CHANGES = timedelta(days=30)
# Thinning looks this far behind the end of RAW, so that days of standstill are caught up with.
_THINNED = timedelta(days=10)


@shared_task(name="projects.sample_usage")
def sample_usage() -> None:
    """Keep the limits as they stand, at the last full five minutes, and drops what is too old.

    Only what was read within the last five minutes is a sample: a time at which nobody could or did look is a gap and
    not a line that we made up. Done twice for the same time, it does nothing.
    """
    now = timezone.now()
    at = aligned(now)
    tenants: dict[str, list[int]] = defaultdict(list)
    for tenant_id, service in Reading.objects.filter(as_of__gt=now - EVERY).values_list("tenant_id", "service"):
        tenants[service].append(tenant_id)
    for service, read in tenants.items():
        limits = Limit.objects.filter(tenant__in=read, measure__in=platforms.measures_of(service))
        UsageSample.objects.bulk_create(
            [
                UsageSample(tenant_id=limit.tenant_id, measure=limit.measure, at=at, used=used, allowed=limit.allowed)
                for limit in limits.iterator()
                if (used := limit.used) is not None
            ],
            ignore_conflicts=True,
            batch_size=500,
        )
    # Pages show the samples: one that is open draws its plot again.
    sampled = {tenant_id for read in tenants.values() for tenant_id in read}
    Tenant.objects.filter(pk__in=sampled).grow()
    prune(now)


def aligned(now: datetime) -> datetime:
    """Return the last full five minutes."""
    step = int(EVERY.total_seconds())
    return datetime.fromtimestamp(now.timestamp() // step * step, tz=now.tzinfo)


def prune(now: datetime) -> None:
    """Keep every sample for 8 days, the first of each hour for 100 days, and what changed for 30 days."""
    UsageSample.objects.filter(at__lt=now - HOURLY).delete()
    Change.objects.filter(seen_at__lt=now - CHANGES).delete()
    old = UsageSample.objects.filter(at__lt=now - RAW, at__gt=now - RAW - _THINNED)
    earlier_in_the_hour = UsageSample.objects.filter(
        tenant=OuterRef("tenant"), measure=OuterRef("measure"), at__lt=OuterRef("at"), at__gte=OuterRef("hour")
    )
    thinned = old.annotate(hour=TruncHour("at")).filter(Exists(earlier_in_the_hour)).values_list("pk", flat=True)
    UsageSample.objects.filter(pk__in=list(thinned)).delete()
