"""Security group rules as they are stored, without what makes them rows: hundreds of them are read for one page."""

from typing import NamedTuple

from projects.prepared import Prepared
from services.network.models import SecurityGroupRule


class StoredRule(NamedTuple):
    """What a rule says, without what the cloud says about it."""

    external_id: str
    group_id: str
    direction: str
    ethertype: str
    protocol: str
    port_min: int | None
    port_max: int | None
    remote_cidr: str
    remote_group_id: str
    remote_address_group_id: str
    unread: list[str]
    description: str


_OF_TENANT = Prepared(
    lambda tenant: SecurityGroupRule.objects.filter(tenant=tenant).order_by("pk").values_list(*StoredRule._fields),
    tenant=-1,
)


def rules_of_tenant(tenant: int) -> dict[str, list[StoredRule]]:
    """Return all rules of a tenant (its key), by their group's id."""
    found: dict[str, list[StoredRule]] = {}
    for rule in map(StoredRule._make, _OF_TENANT.rows(tenant=tenant)):
        found.setdefault(rule.group_id, []).append(rule)
    return found
