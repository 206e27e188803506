"""The headline figures of networks, floating IPs and security groups."""

from typing import Any

from django.db.models import Count, Q

from projects.models import Tenant

ANYWHERE = ("0.0.0.0/0", "::/0")
# An ingress rule that lets anyone in, as far as is known: from every address, or with no remote at all.
OPEN = Q(direction="ingress", remote_group_id="", remote_address_group_id="", unread=[]) & Q(
    remote_cidr__in=["", *ANYWHERE]
)


def security_groups(tenant: Tenant) -> dict[str, int]:
    """Count a tenant's security groups and those it sees, the rules of all of these, and those that let anyone in."""
    rules = tenant.securitygrouprules
    return {
        **tenant.securitygroups.aggregate(total=Count("id", Q(owned=True)), visible=Count("id")),
        "rules": rules.count(),
        "open": rules.filter(OPEN).values("group_id").distinct().count(),
    }


def floating_ips(tenant: Tenant) -> dict[str, int]:
    """Count a tenant's floating IPs, and those that are associated."""
    return tenant.floatingips.aggregate(
        total=Count("id"), in_use=Count("id", ~Q(port_id="")), idle=Count("id", Q(port_id=""))
    )


def _own_networks(tenant: Tenant) -> Any:
    return tenant.networks.filter(owned=True).values("external_id")


def networks(tenant: Tenant) -> dict[str, int]:
    """Count a tenant's own networks, and those that it sees."""
    return tenant.networks.aggregate(total=Count("id", Q(owned=True)), visible=Count("id"))


def subnets(tenant: Tenant) -> dict[str, int]:
    """Count the subnets of a tenant's own networks."""
    return {"total": tenant.subnets.filter(network_id__in=_own_networks(tenant)).count()}


def ports(tenant: Tenant) -> dict[str, int]:
    """Count a tenant's ports."""
    return {"total": tenant.ports.count()}
