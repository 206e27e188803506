"""The headline figures of containers. Sizes are in bytes."""

from django.db.models import Count

from projects.models import Tenant
from projects.searching import total


def measure(tenant: Tenant) -> dict[str, int]:
    """Count a tenant's containers, and add up their objects and sizes."""
    return tenant.containers.aggregate(total=Count("id"), objects=total("objects_count"), bytes=total("bytes_used"))
