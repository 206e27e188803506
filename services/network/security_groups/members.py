"""The servers that have a security group."""

from django.db.models import QuerySet

from projects.models import Tenant
from services.compute.models import Server


def servers_of(tenant: Tenant, group_id: str) -> QuerySet[Server]:
    """Return the servers that have the group on any port."""
    return Server.objects.filter(tenant=tenant, security_groups__icontains=f'"{group_id}"')


def members(tenant: Tenant) -> dict[str, int]:
    """Count the servers in each group, by the group's id."""
    counts: dict[str, int] = {}
    for groups in Server.objects.filter(tenant=tenant).values_list("security_groups", flat=True).order_by():
        for group in groups:
            counts[group["id"]] = counts.get(group["id"], 0) + 1
    return counts
