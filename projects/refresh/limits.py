"""Writes the limits that a service told: only what differs."""

from collections.abc import Iterable

from projects import platforms
from projects.models import Limit, Tenant
from projects.refresh.reading import SeenLimit


def write(tenant: Tenant, service: str, seen: Iterable[SeenLimit]) -> bool:
    """Make the tenant's limits of the service equal to what was seen. Tells whether anything differed."""
    rows = Limit.objects.filter(tenant=tenant, measure__in=platforms.measures_of(service))
    before = {measure: (used, allowed) for measure, used, allowed in rows.values_list("measure", "used", "allowed")}
    after = {str(limit.measure): (limit.used, limit.allowed) for limit in seen}
    differing = [measure for measure, both in after.items() if before.get(measure) != both]
    if differing:
        Limit.objects.bulk_create(
            [
                Limit(tenant=tenant, measure=measure, used=after[measure][0], allowed=after[measure][1])
                for measure in differing
            ],
            update_conflicts=True,
            unique_fields=["tenant", "measure"],
            update_fields=["used", "allowed"],
        )
    vanished = before.keys() - after.keys()
    if vanished:
        rows.filter(measure__in=vanished).delete()
    return bool(differing or vanished)
