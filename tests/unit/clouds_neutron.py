"""The part of neutron that changes ports and security groups, at the HTTP boundary: revisions, If-Match, duplicates.

Source: docs.openstack.org/api-ref/network/v2, and neutron.db.securitygroups_db for what is refused and how.
"""

import re
from collections.abc import Callable
from itertools import count
from typing import Any
from uuid import NAMESPACE_DNS, uuid5

from requests_mock.request import _RequestObjectProxy as Request
from requests_mock.response import _Context as Context

from tests.unit.clouds_fake import NEUTRON, PROJECT, FakeCloud

V2 = f"{NEUTRON}/v2.0"
_EVERY_ADDRESS = ("0.0.0.0/0", "::/0", None)


def rule(group_id: str, **values: Any) -> dict[str, Any]:
    """Return a rule as neutron tells it; lets in nothing that is not said."""
    row = {
        "direction": "ingress",
        "ethertype": "IPv4",
        "protocol": None,
        "port_range_min": None,
        "port_range_max": None,
        "remote_ip_prefix": None,
        "remote_group_id": None,
        "remote_address_group_id": None,
        "description": "",
        **values,
        "security_group_id": group_id,
    }
    return {"id": str(uuid5(NAMESPACE_DNS, repr(sorted(map(str, row.items()))))), **row}


def _same(row: dict[str, Any]) -> tuple[Any, ...]:
    parts = ("direction", "ethertype", "protocol", "port_range_min", "port_range_max")
    parts += ("remote_group_id", "remote_address_group_id")
    cidr = row["remote_ip_prefix"]
    return (*(row[part] for part in parts), None if cidr in _EVERY_ADDRESS else cidr)


class Neutron:
    """Changes the fake cloud's groups and ports as neutron does. `before` is called when a change has come, by method
    and path, before it is done: for what somebody else is faster with."""

    def __init__(self, cloud: FakeCloud) -> None:
        self.cloud = cloud
        self.numbers = count(1)
        self.changes: list[tuple[str, str]] = []
        self.before: Callable[[str, str], None] = lambda _method, _path: None
        for row in [*cloud.ports, *cloud.groups]:
            row.setdefault("revision_number", 1)
        mock = cloud.mock
        mock.get(f"{V2}/ports", json=self._ports)
        mock.put(re.compile(f"{V2}/ports/"), json=self._put_port)
        mock.get(re.compile(f"{V2}/security-groups/"), json=self._get_group)
        mock.post(f"{V2}/security-groups", json=self._post_group, status_code=201)
        mock.put(re.compile(f"{V2}/security-groups/"), json=self._put_group)
        mock.delete(re.compile(f"{V2}/security-groups/"), json=self._delete_group, status_code=204)
        mock.post(f"{V2}/security-group-rules", json=self._post_rule, status_code=201)
        mock.delete(re.compile(f"{V2}/security-group-rules/"), json=self._delete_rule, status_code=204)

    def group(self, group_id: str) -> dict[str, Any]:
        """Return a group that is there."""
        return next(row for row in self.cloud.groups if row["id"] == group_id)

    def port(self, port_id: str) -> dict[str, Any]:
        """Return a port that is there."""
        return next(row for row in self.cloud.ports if row["id"] == port_id)

    def has_group(self, group_id: str, name: str = "", *rules: dict[str, Any], **values: Any) -> dict[str, Any]:
        """Such a group is there from now on."""
        row = {
            "id": group_id,
            "name": name or group_id,
            "description": "",
            "tenant_id": PROJECT,
            "stateful": True,
            "revision_number": 1,
            "security_group_rules": list(rules),
            **values,
        }
        self.cloud.groups.append(row)
        return row

    def set_groups(self, port_id: str, *group_ids: str) -> None:
        """Somebody else gives a port other groups."""
        row = self.port(port_id)
        row["security_groups"] = list(group_ids)
        row["revision_number"] += 1

    def rules(self, group_id: str) -> list[tuple[str, str, int | None, str]]:
        """Return what a group's rules say, short: ("ingress", "tcp", 22, "203.0.113.0/24")."""
        return [
            (
                row["direction"],
                row["protocol"] or "",
                row["port_range_min"],
                row["remote_ip_prefix"] or row["remote_group_id"] or "",
            )
            for row in self.group(group_id)["security_group_rules"]
        ]

    def _came(self, request: Request) -> str:
        path = request.url.removeprefix(V2)
        self.before(request.method, path)
        self.changes.append((request.method, path))
        return path.rpartition("/")[2]

    def _matches(self, request: Request, context: Context, row: dict[str, Any]) -> bool:
        wanted = request.headers.get("If-Match")
        if wanted in (None, f"revision_number={row['revision_number']}"):
            return True
        context.status_code = 412
        return False

    def _ports(self, request: Request, _context: Context) -> Any:
        wanted = request.qs.get("device_id")
        return {"ports": [row for row in self.cloud.ports if not wanted or row["device_id"] in wanted]}

    def _put_port(self, request: Request, context: Context) -> Any:
        row = self._find(self.cloud.ports, self._came(request), context, "PortNotFound")
        if row is None or not self._matches(request, context, row):
            return _fault(context)
        wanted = request.json()["port"]["security_groups"]
        if any(one not in {group["id"] for group in self.cloud.groups} for one in wanted):
            context.status_code = 404
            return _fault(context, "SecurityGroupNotFound")
        row["security_groups"] = wanted
        row["revision_number"] += 1
        return {"port": row}

    def _get_group(self, request: Request, context: Context) -> Any:
        row = self._find(self.cloud.groups, request.url.rpartition("/")[2], context, "SecurityGroupNotFound")
        return {"security_group": row} if row else _fault(context)

    def _post_group(self, request: Request, _context: Context) -> Any:
        self._came(request)
        out = [rule("", direction="egress", ethertype=kind) for kind in ("IPv4", "IPv6")]
        row = self.has_group(f"made-{next(self.numbers)}", **request.json()["security_group"])
        row["security_group_rules"] = [one | {"security_group_id": row["id"]} for one in out]
        return {"security_group": row}

    def _put_group(self, request: Request, context: Context) -> Any:
        row = self._find(self.cloud.groups, self._came(request), context, "SecurityGroupNotFound")
        if row is None or not self._matches(request, context, row):
            return _fault(context)
        row |= request.json()["security_group"]
        row["revision_number"] += 1
        return {"security_group": row}

    def _delete_group(self, request: Request, context: Context) -> Any:
        row = self._find(self.cloud.groups, self._came(request), context, "SecurityGroupNotFound")
        if row is None:
            return _fault(context)
        if any(row["id"] in port["security_groups"] for port in self.cloud.ports):
            context.status_code = 409
            return _fault(context, "SecurityGroupInUse")
        self.cloud.groups.remove(row)
        for other in self.cloud.groups:
            other["security_group_rules"] = [
                one for one in other["security_group_rules"] if one["remote_group_id"] != row["id"]
            ]
        return None

    def _post_rule(self, request: Request, context: Context) -> Any:
        self._came(request)
        wanted = request.json()["security_group_rule"]
        row = self._find(self.cloud.groups, wanted["security_group_id"], context, "SecurityGroupNotFound")
        if row is None:
            return _fault(context)
        new = rule(row["id"], **{key: value for key, value in wanted.items() if key != "security_group_id"})
        for one in row["security_group_rules"]:
            if _same(one) == _same(new):
                context.status_code = 409
                return _fault(context, "SecurityGroupRuleExists", f"Rule id is {one['id']}.")
        row["security_group_rules"] = [*row["security_group_rules"], new]
        row["revision_number"] += 1
        return {"security_group_rule": new}

    def _delete_rule(self, request: Request, context: Context) -> Any:
        rule_id = self._came(request)
        for row in self.cloud.groups:
            left = [one for one in row["security_group_rules"] if one["id"] != rule_id]
            if len(left) < len(row["security_group_rules"]):
                row["security_group_rules"] = left
                row["revision_number"] += 1
                return None
        context.status_code = 404
        return _fault(context, "SecurityGroupRuleNotFound")

    def _find(self, rows: list[dict[str, Any]], wanted: str, context: Context, missing: str) -> dict[str, Any] | None:
        found = next((row for row in rows if row["id"] == wanted), None)
        if found is None:
            context.status_code = 404
            context.headers["X-Fault"] = missing
        return found


def _fault(context: Context, kind: str = "", message: str = "Refused.") -> Any:
    kind = kind or context.headers.pop("X-Fault", "RevisionNumberConstraintFailed")
    return {"NeutronError": {"type": kind, "message": message, "detail": ""}}
