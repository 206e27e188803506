"""Neutron: operations on one security group and its rules. Source: docs.openstack.org/api-ref/network/v2.

Every function makes one request and has finished when it returns; a list takes one request per page.
"""

import re
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import TypeAdapter

from clouds import errors
from clouds.openstack.inventory.network import SecurityGroup, SecurityGroupRule, owned
from clouds.openstack.paging import get_part, part_of, read_all
from clouds.openstack.resources import created_id, find_described, given, path
from clouds.openstack.services import Service
from clouds.openstack.session import Connection

_GROUP = TypeAdapter(SecurityGroup)
_GROUPS = TypeAdapter(list[SecurityGroup])
_RULES = TypeAdapter(list[SecurityGroupRule])

_UUID = re.compile(r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")


@dataclass(frozen=True, slots=True)
class NewRule:
    """A rule to add. Empty protocol, ports and remotes mean any; for ICMP the ports are type and code.

    `remote_cidr` ("203.0.113.0/24"), `remote_group_id` and `remote_address_group_id` exclude each other. The cloud may
    normalize the rule: ports 1 to 65535 become none, protocol 6 becomes tcp, 10.0.0.9 becomes 10.0.0.9/32.
    """

    direction: Literal["ingress", "egress"]
    ethertype: Literal["IPv4", "IPv6"]
    protocol: str = ""
    port_min: int | None = None
    port_max: int | None = None
    remote_cidr: str = ""
    remote_group_id: str = ""
    remote_address_group_id: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class Added:
    """The result of adding a rule. `new` is False if the group already had the rule, whatever its description.

    `rule_id` is that rule's id, empty if the cloud does not say it.
    """

    rule_id: str
    new: bool


def get(connection: Connection, group_id: str) -> SecurityGroup:
    """Return the group with its rules and its revision. NotFound if there is none."""
    part = ("security_group",)
    return owned(connection, get_part(connection, Service.NETWORK, path("security-groups", group_id), part, _GROUP))


def rules_of(connection: Connection, group_id: str) -> list[SecurityGroupRule]:
    """Return the group's rules. Empty if there is no such group."""
    asked = {"security_group_id": group_id}
    rules = read_all(connection, Service.NETWORK, "/security-group-rules", "security_group_rules", _RULES, asked)
    return [rule for rule in rules if rule.group_id == group_id]


def find_marked(connection: Connection, mark: str) -> list[SecurityGroup]:
    """Return the project's groups whose description is the mark."""
    return find_described(connection, "security-groups", "security_groups", _GROUPS, mark)


def create(connection: Connection, *, name: str, mark: str) -> str:
    """Create a group that allows all egress and no ingress, and return its id. Its description is the mark.

    `update` writes the requested description once the id is recorded. QuotaExceeded. Conflict: the name is "default".
    """
    body = {"security_group": {"name": name, "description": mark}}
    response = connection.send(Service.NETWORK, "POST", "/security-groups", body, expect=(201,))
    return created_id(Service.NETWORK, response, "security_group")


def update(
    connection: Connection,
    group_id: str,
    *,
    name: str | None = None,
    description: str | None = None,
    revision: int | None = None,
) -> SecurityGroup:
    """Set the group's name, its description, or both, and return it.

    With `revision`, the group's revision when it was last read, Conflict if the group or one of its rules has changed
    since. A cloud without the extension revision-if-match does not compare.
    """
    body = {"security_group": given(name=name, description=description)}
    headers = {} if revision is None else {"If-Match": f"revision_number={revision}"}
    response = connection.send(
        Service.NETWORK, "PUT", path("security-groups", group_id), body, expect=(200,), headers=headers
    )
    return owned(connection, part_of(Service.NETWORK, response, ("security_group",), _GROUP))


def delete(connection: Connection, group_id: str) -> None:
    """Delete the group with its rules. NotFound: it is gone. Conflict: a port uses it, or it is the default group."""
    connection.send(Service.NETWORK, "DELETE", path("security-groups", group_id), expect=(204,))


def add_rule(connection: Connection, group_id: str, rule: NewRule) -> Added:
    """Add the rule, unless the group has one that allows the same traffic.

    NotFound: the group or the remote one does not exist. Invalid: the fields contradict each other. QuotaExceeded.
    """
    wanted: dict[str, Any] = {
        "direction": rule.direction,
        "ethertype": rule.ethertype,
        "protocol": rule.protocol,
        "port_range_min": rule.port_min,
        "port_range_max": rule.port_max,
        "remote_ip_prefix": rule.remote_cidr,
        "remote_group_id": rule.remote_group_id,
        "remote_address_group_id": rule.remote_address_group_id,
        "description": rule.description,
    }
    body = {key: value for key, value in wanted.items() if value not in ("", None)} | {"security_group_id": group_id}
    try:
        response = connection.send(
            Service.NETWORK, "POST", "/security-group-rules", {"security_group_rule": body}, expect=(201,)
        )
    except errors.Conflict as error:
        if not error.detail.startswith("SecurityGroupRuleExists:"):
            raise
        named = _UUID.search(error.detail)
        return Added(named.group() if named else "", new=False)
    return Added(created_id(Service.NETWORK, response, "security_group_rule"), new=True)


def remove_rule(connection: Connection, rule_id: str) -> None:
    """Remove the rule. NotFound: it is gone."""
    connection.send(Service.NETWORK, "DELETE", path("security-group-rules", rule_id), expect=(204,))
