"""The headline figures of volumes and snapshots. Sizes are in GB."""

from collections import Counter
from typing import Any

from django.db.models import Count, QuerySet

from portal.ui.status import status_of
from projects.models import Tenant
from projects.searching import total


def volumes(tenant: Tenant) -> dict[str, Any]:
    """Count a tenant's volumes by what they are doing, and add up their sizes."""
    counts = Counter({"total": 0, "attached": 0, "free": 0, "error": 0, "working": 0})
    for status, attachments in tenant.volumes.values_list("status", "attachments"):
        counts["total"] += 1
        role = status_of("volume", status).role
        if role == "bad":
            counts["error"] += 1
        elif role == "work":
            counts["working"] += 1
        else:
            counts["attached" if attachments else "free"] += 1
    return {**counts, **tenant.volumes.aggregate(gb=total("size_gb"))}


def snapshots(tenant: Tenant) -> dict[str, int]:
    """Count a tenant's snapshots, and add up their sizes."""
    return tenant.snapshots.aggregate(total=Count("id"), gb=total("size_gb"))


def any_working(vocabulary: str, rows: QuerySet[Any]) -> bool:
    """Tell whether one of these volumes or snapshots is in a passing state."""
    return any(status_of(vocabulary, one).role == "work" for one in rows.values_list("status", flat=True).distinct())
