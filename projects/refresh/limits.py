"""Writes the limits that a service told: only what differs."""

from collections.abc import Iterable

from projects.models import Limit, Measure, Service, Tenant
from projects.refresh.reading import SeenLimit

SERVICE_OF: dict[Measure, Service] = {
    Measure.VCPUS: Service.COMPUTE,
    Measure.RAM_MB: Service.COMPUTE,
    Measure.SERVERS: Service.COMPUTE,
    Measure.SERVER_GROUPS: Service.COMPUTE,
    Measure.KEY_PAIRS: Service.COMPUTE,
    Measure.VOLUME_GB: Service.BLOCK_STORAGE,
    Measure.VOLUMES: Service.BLOCK_STORAGE,
    Measure.SNAPSHOTS: Service.BLOCK_STORAGE,
    Measure.BACKUPS: Service.BLOCK_STORAGE,
    Measure.BACKUP_GB: Service.BLOCK_STORAGE,
    Measure.FLOATING_IPS: Service.NETWORK,
    Measure.NETWORKS: Service.NETWORK,
    Measure.SUBNETS: Service.NETWORK,
    Measure.PORTS: Service.NETWORK,
    Measure.ROUTERS: Service.NETWORK,
    Measure.SECURITY_GROUPS: Service.NETWORK,
    Measure.SECURITY_GROUP_RULES: Service.NETWORK,
    Measure.OBJECT_BYTES: Service.OBJECT_STORE,
}


def measures_of(service: str) -> list[Measure]:
    """The measures that a service counts."""
    return [measure for measure, counting in SERVICE_OF.items() if counting == service]


def write(tenant: Tenant, service: str, seen: Iterable[SeenLimit]) -> bool:
    """Makes the tenant's limits of the service equal to what was seen. Tells whether anything differed."""
    rows = Limit.objects.filter(tenant=tenant, measure__in=measures_of(service))
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
