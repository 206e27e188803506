"""The part of neutron that changes networks, subnets, routers and floating IPs, at the HTTP boundary.

Source: docs.openstack.org/api-ref/network/v2, and neutron.db (db_base_plugin_v2, l3_db) for what is refused and how.
"""

import re
from collections.abc import Callable
from ipaddress import ip_network
from itertools import count
from typing import Any

import requests_mock
from requests_mock.request import _RequestObjectProxy as Request
from requests_mock.response import _Context as Context

from tests.unit.clouds_fake import NEUTRON, PROJECT, FakeCloud
from tests.unit.deaths import Mortal

V2 = f"{NEUTRON}/v2.0"
PUBLIC = "public-1"
Row = dict[str, Any]
INTERFACE = "network:router_interface"
_SINGULAR = {"networks": "network", "subnets": "subnet", "routers": "router", "floatingips": "floatingip"}


class L3(Mortal):
    """`changes` lists what was done, as often as it was done: "POST /networks". `before` is called when a change has
    come and before it is done: for what somebody else is faster with."""

    def __init__(self, cloud: FakeCloud) -> None:
        self.cloud = cloud
        self.numbers = count(1)
        self.changes: list[str] = []
        self.before: Callable[[str], None] = lambda _change: None
        cloud.networks.append(
            {"id": PUBLIC, "name": "public", "status": "ACTIVE", "tenant_id": "operator", "router:external": True}
        )
        cloud.subnets[0]["gateway_ip"] = "10.0.4.254"
        mock = cloud.mock
        mock.get(f"{V2}/ports", json=self._ports)
        for collection in _SINGULAR:
            mock.post(f"{V2}/{collection}", json=self._post, status_code=201)
            mock.get(re.compile(f"{V2}/{collection}/[^/?]+$"), json=self._get)
            mock.put(re.compile(f"{V2}/{collection}/[^/?]+$"), json=self._put)
            mock.delete(re.compile(f"{V2}/{collection}/[^/?]+$"), json=self._delete, status_code=204)
        mock.put(re.compile(f"{V2}/routers/.*/add_router_interface"), json=self._join)
        mock.put(re.compile(f"{V2}/routers/.*/remove_router_interface"), json=self._leave)
        mock.register_uri(requests_mock.ANY, requests_mock.ANY, additional_matcher=self._sent)

    def rows(self, collection: str) -> list[Row]:
        """All rows of one kind."""
        found: list[Row] = {
            "networks": self.cloud.networks,
            "subnets": self.cloud.subnets,
            "routers": self.cloud.routers,
            "floatingips": self.cloud.floating_ips,
            "ports": self.cloud.ports,
        }[collection]
        return found

    def row(self, collection: str, id_: str) -> Row:
        """One that is there."""
        return next(one for one in self.rows(collection) if one["id"] == id_)

    def named(self, collection: str, name: str) -> list[Row]:
        """All of this name."""
        return [one for one in self.rows(collection) if one["name"] == name]

    def did(self, change: str) -> int:
        """How often something was done."""
        return sum(one.startswith(change) for one in self.changes)

    def has_router(self, id_: str, *subnet_ids: str, outside: str = PUBLIC, **values: Any) -> Row:
        """Such a router is there from now on."""
        row = {"id": id_, "name": id_, "description": "", "status": "ACTIVE", "tenant_id": PROJECT, **values}
        self.cloud.routers.append(row)
        self._lead(row, {"network_id": outside} if outside else {})
        for subnet_id in subnet_ids:
            self._plug(row, self.row("subnets", subnet_id))
        return row

    def has_floating_ip(self, number: int, port_id: str = "", **values: Any) -> Row:
        """Such a floating IP is there from now on."""
        row = {
            "id": f"floating-{number}",
            "floating_ip_address": f"198.51.100.{number}",
            "floating_network_id": PUBLIC,
            "description": "",
            "tenant_id": PROJECT,
            "revision_number": 0,
            **values,
        }
        self.cloud.floating_ips.append(row)
        self._led(row, port_id or None, None)
        return row

    def _sent(self, request: Any) -> bool:
        if request.url.startswith(NEUTRON):
            self._comes(request)
        return False  # somebody else answers

    def _came(self, request: Request) -> tuple[str, str]:
        """Return the collection and the id that a request is about."""
        path = request.url.removeprefix(f"{V2}/").split("?")[0]
        collection, _, rest = path.partition("/")
        if request.method != "GET":
            self.before(f"{request.method} /{path}")
            self.changes.append(f"{request.method} /{path}")
        return collection, rest.partition("/")[0]

    def _refuse(self, context: Context, status: int, kind: str, message: str = "Refused.") -> Any:
        context.status_code = status
        return self._goes({"NeutronError": {"type": kind, "message": message, "detail": ""}})

    def _find(self, request: Request) -> tuple[str, Row | None]:
        collection, id_ = self._came(request)
        return collection, next((one for one in self.rows(collection) if one["id"] == id_), None)

    def _ports(self, request: Request, _context: Context) -> Any:
        wanted = {key: request.qs[key][0] for key in ("device_id", "network_id") if key in request.qs}
        rows = [one for one in self.cloud.ports if all(one[key] == value for key, value in wanted.items())]
        return self._goes({"ports": rows})

    def _get(self, request: Request, context: Context) -> Any:
        collection, row = self._find(request)
        if row is None:
            return self._refuse(context, 404, "NotFound")
        return self._goes({_SINGULAR[collection]: row})

    def _post(self, request: Request, context: Context) -> Any:
        collection, _id = self._came(request)
        kind = _SINGULAR[collection]
        row = {"id": f"{kind}-made-{next(self.numbers)}", "tenant_id": PROJECT, "status": "ACTIVE", "name": ""}
        row |= request.json()[kind]
        if collection == "subnets":
            if any(self._overlaps(row, one) for one in self.cloud.subnets if one["network_id"] == row["network_id"]):
                return self._refuse(context, 400, "InvalidInput", "overlaps with another subnet.")
            row.setdefault("gateway_ip", str(ip_network(row["cidr"])[1]))
        if collection == "routers":
            self._lead(row, row.get("external_gateway_info") or {})
        if collection == "floatingips":
            row["floating_ip_address"] = f"198.51.100.{100 + next(self.numbers)}"
            row["revision_number"] = 0
            self._led(row, None, None)
        self.rows(collection).append(row)
        return self._goes({kind: row})

    def _put(self, request: Request, context: Context) -> Any:
        collection, row = self._find(request)
        if row is None:
            return self._refuse(context, 404, "NotFound")
        wanted = request.json()[_SINGULAR[collection]]
        if collection == "floatingips":
            match = request.headers.get("If-Match", f"revision_number={row['revision_number']}")
            if match != f"revision_number={row['revision_number']}":
                return self._refuse(context, 412, "RevisionNumberConstraintFailed")
            if refused := self._lead_in(context, row, wanted):
                return refused
            row["revision_number"] += 1
        if "external_gateway_info" in wanted:
            if not wanted["external_gateway_info"] and self._through(row["id"]):
                return self._refuse(context, 409, "RouterExternalGatewayInUseByFloatingIp")
            self._lead(row, wanted["external_gateway_info"])
        row |= {key: value for key, value in wanted.items() if key in ("name", "description")}
        return self._goes({_SINGULAR[collection]: row})

    def _delete(self, request: Request, context: Context) -> Any:
        collection, row = self._find(request)
        if row is None:
            return self._refuse(context, 404, "NotFound")
        if collection == "networks" and any(one["network_id"] == row["id"] for one in self.cloud.ports):
            return self._refuse(context, 409, "NetworkInUse")
        if collection == "subnets" and any(self._is_in(one, row["id"]) for one in self.cloud.ports):
            return self._refuse(context, 409, "SubnetInUse")
        if collection == "routers" and any(one["device_id"] == row["id"] for one in self.cloud.ports):
            return self._refuse(context, 409, "RouterInUse")
        self.rows(collection).remove(row)
        if collection == "networks":
            self.cloud.subnets[:] = [one for one in self.cloud.subnets if one["network_id"] != row["id"]]
        return self._goes(None)

    def _join(self, request: Request, context: Context) -> Any:
        _collection, router = self._find(request)
        subnet = next((one for one in self.cloud.subnets if one["id"] == request.json()["subnet_id"]), None)
        if router is None or subnet is None:
            return self._refuse(context, 404, "NotFound")
        for port in self.cloud.ports:
            if self._is_in(port, subnet["id"]) and port["fixed_ips"][0]["ip_address"] == subnet["gateway_ip"]:
                if port["device_id"] == router["id"]:
                    said = "Bad router request: Router already has a port on subnet."
                    return self._refuse(context, 400, "BadRequest", said)
                return self._refuse(context, 409, "IpAddressAlreadyAllocated")
        port = self._plug(router, subnet)
        return self._goes({"id": router["id"], "port_id": port["id"], "subnet_id": subnet["id"]})

    def _leave(self, request: Request, context: Context) -> Any:
        _collection, router = self._find(request)
        subnet_id = request.json()["subnet_id"]
        ports = [one for one in self.cloud.ports if router and one["device_id"] == router["id"]]
        mine = [one for one in ports if self._is_in(one, subnet_id)]
        if router is None or not mine:
            return self._refuse(context, 404, "RouterInterfaceNotFound")
        if self._through(router["id"]):
            return self._refuse(context, 409, "RouterInterfaceInUseByFloatingIP")
        self.cloud.ports.remove(mine[0])
        return self._goes({"id": router["id"], "port_id": mine[0]["id"], "subnet_id": subnet_id})

    def _lead(self, router: Row, gateway: Row) -> None:
        addresses = [{"subnet_id": "public-subnet", "ip_address": "198.51.100.6"}]
        router["external_gateway_info"] = {**gateway, "external_fixed_ips": addresses} if gateway else None

    def _lead_in(self, context: Context, row: Row, wanted: Row) -> Any:
        """Leads a floating IP to a port; what is refused, where it is."""
        if "port_id" not in wanted:
            return None
        port = next((one for one in self.cloud.ports if one["id"] == wanted["port_id"]), None)
        if port is None and wanted["port_id"]:
            return self._refuse(context, 404, "PortNotFound")
        if port is not None:
            others = [one for one in self.cloud.floating_ips if one["id"] != row["id"]]
            if any(one["port_id"] == port["id"] for one in others):
                return self._refuse(context, 409, "FloatingIPPortAlreadyAssociated")
            if self._router_of(port) is None:
                return self._refuse(context, 404, "ExternalGatewayForFloatingIPNotFound")
        self._led(row, wanted["port_id"], wanted.get("fixed_ip_address"))
        return None

    def _led(self, row: Row, port_id: str | None, address: str | None) -> None:
        port = next((one for one in self.cloud.ports if one["id"] == port_id), None)
        row |= {"port_id": port_id, "fixed_ip_address": None, "router_id": None, "status": "DOWN"}
        if port is not None:
            fixed = address or port["fixed_ips"][0]["ip_address"]
            row |= {"fixed_ip_address": fixed, "router_id": self._router_of(port), "status": "ACTIVE"}

    def _router_of(self, port: Row) -> str | None:
        subnets = {one["subnet_id"] for one in port["fixed_ips"]}
        for one in self.cloud.ports:
            if one["device_owner"] == INTERFACE and {ip["subnet_id"] for ip in one["fixed_ips"]} & subnets:
                gateway = self.row("routers", one["device_id"])["external_gateway_info"]
                return one["device_id"] if gateway else None
        return None

    def _through(self, router_id: str) -> bool:
        return any(one["router_id"] == router_id for one in self.cloud.floating_ips)

    def _plug(self, router: Row, subnet: Row) -> Row:
        port = {
            "id": f"port-{router['id']}-{subnet['id']}",
            "network_id": subnet["network_id"],
            "tenant_id": PROJECT,
            "device_id": router["id"],
            "device_owner": INTERFACE,
            "status": "ACTIVE",
            "fixed_ips": [{"subnet_id": subnet["id"], "ip_address": subnet["gateway_ip"]}],
            "security_groups": [],
        }
        self.cloud.ports.append(port)
        return port

    @staticmethod
    def _is_in(port: Row, subnet_id: str) -> bool:
        return any(ip["subnet_id"] == subnet_id for ip in port["fixed_ips"])

    @staticmethod
    def _overlaps(one: Row, other: Row) -> bool:
        return ip_network(one["cidr"]).overlaps(ip_network(other["cidr"]))
