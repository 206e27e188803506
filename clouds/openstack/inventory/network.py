"""Neutron: networks, subnets, ports, routers, floating IPs, security groups and quotas.

Source: docs.openstack.org/api-ref/network/v2. Neutron shows an admin everybody's resources, so each list asks for the
project's own. Networks and subnets also include others' that are shared with the project or external.
"""

from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from typing import Any, NamedTuple, TypeVar

from pydantic import (
    AliasChoices,
    AliasPath,
    BaseModel,
    ConfigDict,
    Field,
    TypeAdapter,
    field_validator,
    model_validator,
)

from clouds import errors
from clouds.openstack.inventory.values import Limit, Many, Measure, Row, Text, Time, allowed
from clouds.openstack.paging import get_part, read_all
from clouds.openstack.services import Service
from clouds.openstack.session import Connection


class Network(Row):
    """A network: the project's own (`owned`), or one that another project shares with it.

    `subnet_ids` has all subnets of an external network, mostly not shown to the project; None of others, whose
    subnets are rows, and where the cloud does not say.
    """

    description: Text = ""
    status: Text = ""
    project_id: Text = Field("", validation_alias="tenant_id", exclude=True)
    owned: bool = True
    shared: bool = False
    external: bool = Field(False, validation_alias="router:external")
    admin_state_up: bool = True
    port_security: bool = Field(True, validation_alias="port_security_enabled")
    mtu: int | None = None
    subnet_ids: Many[str] | None = Field(None, validation_alias="subnets")
    created_at: Time | None = None

    @model_validator(mode="before")
    @classmethod
    def _no_ids_of_rows(cls, row: Any) -> Any:
        external = isinstance(row, dict) and (row.get("router:external") or row.get("external"))
        return row if external or not isinstance(row, dict) else {**row, "subnets": None, "subnet_ids": None}


class Pool(BaseModel):
    """A range of addresses."""

    model_config = ConfigDict(frozen=True)

    start: str
    end: str


class Subnet(Row):
    """A subnet."""

    description: Text = Field("", exclude=True)
    network_id: str
    ip_version: int = 4
    cidr: Text = ""
    gateway: Text = Field("", validation_alias="gateway_ip")
    dhcp: bool = Field(True, validation_alias="enable_dhcp")
    # IPv6: how servers get addresses: "slaac", "dhcpv6-stateful", "dhcpv6-stateless"; empty: not from the cloud.
    ipv6_address_mode: Text = ""
    dns_servers: Many[str] = Field([], validation_alias="dns_nameservers")
    pools: Many[Pool] = Field([], validation_alias="allocation_pools")


class FixedIP(BaseModel):
    """An address of a port."""

    model_config = ConfigDict(frozen=True)

    subnet_id: Text = ""
    address: Text = Field("", validation_alias="ip_address")


class Port(Row):
    """A port. `device_id` is the server's or the router's id, `device_owner` says which ("compute:nova").

    `revision` grows with every change; None if the cloud has no revisions.
    """

    network_id: str
    device_id: Text = ""
    device_owner: Text = ""
    status: Text = ""
    mac: Text = Field("", validation_alias="mac_address")
    port_security: bool = Field(True, validation_alias="port_security_enabled")
    fixed_ips: Many[FixedIP] = []
    security_group_ids: Many[str] = Field([], validation_alias="security_groups")
    revision: int | None = Field(None, validation_alias="revision_number", exclude=True)


class Router(Row):
    """A router."""

    description: Text = Field("", exclude=True)
    status: Text = ""
    admin_state_up: bool = True
    external_network_id: Text = Field("", validation_alias=AliasPath("external_gateway_info", "network_id"))
    external_addresses: list[str] = Field([], validation_alias=AliasPath("external_gateway_info", "external_fixed_ips"))

    @field_validator("external_addresses", mode="before")
    @classmethod
    def _addresses_alone(cls, value: Any) -> Any:
        return [ip.get("ip_address") if isinstance(ip, dict) else ip for ip in value or []]


class FloatingIP(Row):
    """A floating IP. `server_id` is the server of its port. `revision` is as in Port."""

    address: str = Field(validation_alias="floating_ip_address")
    description: Text = ""
    status: Text = ""
    network_id: str = Field(validation_alias="floating_network_id")
    port_id: Text = ""
    fixed_address: Text = Field("", validation_alias="fixed_ip_address")
    router_id: Text = ""
    server_id: str = ""
    created_at: Time | None = None
    revision: int | None = Field(None, validation_alias="revision_number", exclude=True)


# What neutron says of a rule that changes nothing in what it lets through, besides the fields of SecurityGroupRule.
# normalized_cidr repeats remote_ip_prefix (extension security-groups-normalized-cidr).
_ABOUT_A_RULE = frozenset(
    ("tenant_id", "project_id", "created_at", "updated_at", "revision_number", "tags", "normalized_cidr")
) | {"belongs_to_default_sg", "shared", "standard_attr_id"}


class SecurityGroupRule(Row):
    """A rule. An empty protocol, port or remote means any. For ICMP the ports are type and code.

    `unread` has the names of the fields that the cloud has filled and that are not known here: such a rule may let in
    more, less or nothing, so it is neither open nor closed, and is never made again. Empty values and False say
    nothing.
    """

    group_id: str = Field(validation_alias="security_group_id")
    description: Text = ""
    direction: str
    ethertype: Text = ""
    protocol: Text = ""
    port_min: int | None = Field(None, validation_alias="port_range_min")
    port_max: int | None = Field(None, validation_alias="port_range_max")
    remote_cidr: Text = Field("", validation_alias="remote_ip_prefix")
    remote_group_id: Text = ""
    remote_address_group_id: Text = ""
    unread: list[str] = []

    @model_validator(mode="before")
    @classmethod
    def _name_the_unread(cls, row: Any) -> Any:
        if not isinstance(row, dict) or "id" not in row:  # built here, not read
            return row
        aliases = {str(one.validation_alias) for one in cls.model_fields.values()}
        known = {*cls.model_fields, *aliases, *_ABOUT_A_RULE}
        return {**row, "unread": sorted(name for name, value in row.items() if value and name not in known)}


class AddressGroup(Row):
    """Addresses with one name, which rules may have as their other end (extension address-group, Wallaby)."""

    description: Text = ""
    addresses: Many[str] = []
    project_id: Text = Field("", validation_alias=AliasChoices("project_id", "tenant_id"), exclude=True)
    owned: bool = True


class SecurityGroup(Row):
    """A security group: the project's own (`owned`), or one that another project shares with it.

    `revision` grows with every change of it or its rules; None if the cloud has no revisions.
    """

    description: Text = ""
    project_id: Text = Field("", validation_alias=AliasChoices("project_id", "tenant_id"), exclude=True)
    owned: bool = True
    stateful: bool = True
    created_at: Time | None = None
    rules: Many[SecurityGroupRule] = Field([], validation_alias="security_group_rules", exclude=True)
    revision: int | None = Field(None, validation_alias="revision_number", exclude=True)


G = TypeVar("G", SecurityGroup, AddressGroup)


class _Quota(BaseModel):
    """One line of the quota details. `reserved` is held by requests in progress."""

    limit: int
    used: int | None = None


class NetworkPart(NamedTuple):
    """Neutron's part. `routers` and `address_groups` are None if not requested.

    `limits` is empty if this user may not see them.
    """

    networks: list[Network]
    subnets: list[Subnet]
    ports: list[Port]
    floating_ips: list[FloatingIP]
    security_groups: list[SecurityGroup]
    security_group_rules: list[SecurityGroupRule]
    limits: list[Limit]
    routers: list[Router] | None
    address_groups: list[AddressGroup] | None


_ADDRESS_GROUPS = TypeAdapter(list[AddressGroup])
_NETWORKS = TypeAdapter(list[Network])
_SUBNETS = TypeAdapter(list[Subnet])
_PORTS = TypeAdapter(list[Port])
_ROUTERS = TypeAdapter(list[Router])
_FLOATING_IPS = TypeAdapter(list[FloatingIP])
_GROUPS = TypeAdapter(list[SecurityGroup])
_DETAILS = TypeAdapter(dict[str, _Quota])
_QUOTAS = TypeAdapter(dict[str, int])

_MEASURES = {
    "floatingip": Measure.FLOATING_IPS,
    "network": Measure.NETWORKS,
    "subnet": Measure.SUBNETS,
    "port": Measure.PORTS,
    "router": Measure.ROUTERS,
    "security_group": Measure.SECURITY_GROUPS,
    "security_group_rule": Measure.SECURITY_GROUP_RULES,
}


def start(pool: Executor, connection: Connection, *, slow: bool) -> Callable[[], NetworkPart]:
    """Start the calls and return a function that waits for them."""
    ports = pool.submit(list_ports, connection)
    groups = pool.submit(list_security_groups, connection)
    networks = pool.submit(list_networks, connection)
    subnets = pool.submit(list_subnets, connection)
    addresses = pool.submit(list_floating_ips, connection)
    quotas = pool.submit(read_quotas, connection)
    routers = pool.submit(list_routers, connection) if slow else None
    address_groups = pool.submit(list_address_groups, connection) if slow else None

    def collect() -> NetworkPart:
        seen = {network.external_id for network in networks.result()}
        part = NetworkPart(
            networks=networks.result(),
            subnets=[subnet for subnet in subnets.result() if subnet.network_id in seen],
            ports=ports.result(),
            floating_ips=addresses.result(),
            security_groups=groups.result(),
            security_group_rules=[rule for group in groups.result() for rule in group.rules],
            limits=[],
            routers=routers.result() if routers else None,
            address_groups=address_groups.result() if address_groups else None,
        )
        return part._replace(limits=_limits(quotas.result(), part))

    return collect


def list_networks(connection: Connection) -> list[Network]:
    """List the project's networks and those shared with it or external (GET /networks)."""
    mine = connection.project_id
    rows = read_all(connection, Service.NETWORK, "/networks", "networks", _NETWORKS)
    return [
        row.model_copy(update={"owned": row.project_id == mine})
        for row in rows
        if row.project_id == mine or row.shared or row.external
    ]


def list_subnets(connection: Connection) -> list[Subnet]:
    """List the visible subnets (GET /subnets)."""
    return read_all(connection, Service.NETWORK, "/subnets", "subnets", _SUBNETS)


def list_ports(connection: Connection) -> list[Port]:
    """List the project's ports (GET /ports)."""
    return read_all(connection, Service.NETWORK, "/ports", "ports", _PORTS, _own(connection))


def list_routers(connection: Connection) -> list[Router]:
    """List the project's routers (GET /routers)."""
    return read_all(connection, Service.NETWORK, "/routers", "routers", _ROUTERS, _own(connection))


def list_floating_ips(connection: Connection) -> list[FloatingIP]:
    """List the project's floating IPs (GET /floatingips)."""
    return read_all(connection, Service.NETWORK, "/floatingips", "floatingips", _FLOATING_IPS, _own(connection))


def list_security_groups(connection: Connection) -> list[SecurityGroup]:
    """List the project's security groups, and those shared with it, with their rules (GET /security-groups).

    Unasked for a project, neutron shows a member just these. An administrator it would show everybody's, of which
    nothing tells the shared ones, so there the list has the project's own alone.
    """
    asked = _own(connection) if "admin" in connection.state.roles else {}
    rows = read_all(connection, Service.NETWORK, "/security-groups", "security_groups", _GROUPS, asked)
    return [owned(connection, row) for row in rows]


def list_address_groups(connection: Connection) -> list[AddressGroup]:
    """List the visible address groups (GET /address-groups); none where the cloud lacks them or hides them."""
    try:
        rows = read_all(connection, Service.NETWORK, "/address-groups", "address_groups", _ADDRESS_GROUPS)
    except (errors.NotFound, errors.Forbidden):
        return []
    return [owned(connection, row) for row in rows]


def owned(connection: Connection, row: G) -> G:
    """Return the row with whether it is the project's own; where the cloud does not say whose it is, it is."""
    return row.model_copy(update={"owned": row.project_id in (connection.project_id, "")})


def read_quotas(connection: Connection) -> Mapping[str, _Quota]:
    """Return the quotas with usage (GET /quotas/<project>/details.json, Pike and later), else without.

    Empty where the cloud's policy lets only admins read them: there is nothing to show then, but nothing is wrong.
    """
    path = f"/quotas/{connection.project_id}"
    try:
        return get_part(connection, Service.NETWORK, f"{path}/details.json", ("quota",), _DETAILS)
    except errors.NotFound:
        plain = get_part(connection, Service.NETWORK, path, ("quota",), _QUOTAS)
        return {name: _Quota(limit=limit) for name, limit in plain.items()}
    except errors.Forbidden:
        return {}


def _own(connection: Connection) -> Mapping[str, str]:
    # Every release knows tenant_id; project_id came late in Newton and means the same.
    return {"tenant_id": connection.project_id}


def _limits(quotas: Mapping[str, _Quota], part: NetworkPart) -> list[Limit]:
    """Return the limits. Where quotas lack usage, count the rows in the lists."""
    own = {network.external_id for network in part.networks if network.owned}
    groups = {group.external_id for group in part.security_groups if group.owned}
    counted = {
        Measure.FLOATING_IPS: len(part.floating_ips),
        Measure.NETWORKS: len(own),
        Measure.SUBNETS: sum(subnet.network_id in own for subnet in part.subnets),
        Measure.PORTS: len(part.ports),
        Measure.SECURITY_GROUPS: len(groups),
        Measure.SECURITY_GROUP_RULES: sum(rule.group_id in groups for rule in part.security_group_rules),
        **({Measure.ROUTERS: len(part.routers)} if part.routers is not None else {}),
    }
    return [
        Limit(
            measure=measure,
            used=quotas[name].used if quotas[name].used is not None else counted.get(measure),
            allowed=allowed(quotas[name].limit),
        )
        for name, measure in _MEASURES.items()
        if name in quotas
    ]
