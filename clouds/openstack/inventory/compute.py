"""Nova: servers, limits, (slow part) flavors and zones, and the person's own key pairs.

Source: docs.openstack.org/api-ref/compute.
"""

from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from typing import Any, NamedTuple

from pydantic import AliasPath, BaseModel, ConfigDict, Field, TypeAdapter, field_validator

from clouds.openstack.inventory.values import ABSOLUTE, Limit, Many, Measure, Metadata, Row, Text, Time, absolute_limits
from clouds.openstack.inventory.zones import Zone, list_zones
from clouds.openstack.paging import get_part, read_all
from clouds.openstack.services import Service
from clouds.openstack.session import Connection

# nova.objects.fields.InstancePowerState
_POWER_STATES = {0: "", 1: "running", 3: "paused", 4: "shutdown", 6: "crashed", 7: "suspended"}


class Address(BaseModel):
    """An address of a server. `port_id` is empty until joined with neutron's ports."""

    model_config = ConfigDict(frozen=True)

    network: str
    address: str
    version: int
    type: str = "fixed"
    mac: str = ""
    port_id: str = ""


class AttachedVolume(BaseModel):
    """A volume attached to a server. `device` is empty until joined with cinder's attachments."""

    model_config = ConfigDict(frozen=True)

    id: str
    device: str = ""
    delete_on_termination: bool = False


class GroupRef(BaseModel):
    """A security group of a server. `id` is empty if only nova could be read, which knows only names."""

    model_config = ConfigDict(frozen=True)

    id: str = ""
    name: str


class Server(Row):
    """A server. In a cell that is down it has little more than an id and the status UNKNOWN."""

    status: Text = ""
    task_state: Text = Field("", validation_alias="OS-EXT-STS:task_state")
    power_state: str = Field("", validation_alias="OS-EXT-STS:power_state")
    fault_code: int | None = Field(None, validation_alias=AliasPath("fault", "code"))
    fault: Text = Field("", validation_alias=AliasPath("fault", "message"))
    flavor_id: Text = Field("", validation_alias=AliasPath("flavor", "id"), exclude=True)
    flavor_name: Text = Field("", validation_alias=AliasPath("flavor", "original_name"))
    vcpus: int = Field(0, validation_alias=AliasPath("flavor", "vcpus"))
    ram_mb: int = Field(0, validation_alias=AliasPath("flavor", "ram"))
    disk_gb: int = Field(0, validation_alias=AliasPath("flavor", "disk"))
    image_id: Text = Field("", validation_alias=AliasPath("image", "id"))
    image_name: str = ""
    key_name: Text = ""
    zone: Text = Field("", validation_alias="OS-EXT-AZ:availability_zone")
    user_id: Text = ""
    locked: bool = False
    config_drive: bool = False
    addresses: list[Address] = []
    volumes: Many[AttachedVolume] = Field([], validation_alias="os-extended-volumes:volumes_attached")
    security_groups: Many[GroupRef] = []
    metadata: Metadata = {}
    tags: Many[str] = []
    created_at: Time | None = Field(None, validation_alias="created")
    launched_at: Time | None = Field(None, validation_alias="OS-SRV-USG:launched_at")
    updated_at: Time | None = Field(None, validation_alias="updated")

    @field_validator("power_state", mode="before")
    @classmethod
    def _power_state_in_words(cls, value: Any) -> Any:
        return _POWER_STATES.get(value, str(value)) if isinstance(value, int) else value or ""

    @field_validator("config_drive", mode="before")
    @classmethod
    def _config_drive_may_be_empty(cls, value: Any) -> Any:
        return value or False

    @field_validator("addresses", mode="before")
    @classmethod
    def _addresses_by_network(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value or []
        return [
            {
                "network": network,
                "address": one.get("addr"),
                "version": one.get("version"),
                "type": one.get("OS-EXT-IPS:type") or "fixed",
                "mac": one.get("OS-EXT-IPS-MAC:mac_addr") or "",
            }
            for network, many in value.items()
            for one in many
        ]


class Flavor(Row):
    """A flavor that the project may use."""

    vcpus: int
    ram_mb: int = Field(validation_alias="ram")
    disk_gb: int = Field(validation_alias="disk")
    ephemeral_gb: int = Field(0, validation_alias="OS-FLV-EXT-DATA:ephemeral")
    public: bool = Field(True, validation_alias="os-flavor-access:is_public")


class KeyPair(Row):
    """A key pair of a person: nova keeps it by owner, whatever the project. `external_id` is its name.

    `user_id` is the owner. Nova's list leaves it out, since the list holds only the requesting person's own.
    """

    external_id: str = Field(validation_alias=AliasPath("keypair", "name"), min_length=1)
    name: str = Field(validation_alias=AliasPath("keypair", "name"))
    user_id: Text = Field("", validation_alias=AliasPath("keypair", "user_id"))
    type: str = Field("ssh", validation_alias=AliasPath("keypair", "type"))
    fingerprint: Text = Field("", validation_alias=AliasPath("keypair", "fingerprint"))


# `limits.absolute`: what is used, what is allowed. Nova lists networks and security groups there too, but those were
# proxies for neutron's limits and are gone since 2.36.
_LIMITS = {
    Measure.VCPUS: ("totalCoresUsed", "maxTotalCores"),
    Measure.RAM_MB: ("totalRAMUsed", "maxTotalRAMSize"),
    Measure.SERVERS: ("totalInstancesUsed", "maxTotalInstances"),
    Measure.SERVER_GROUPS: ("totalServerGroupsUsed", "maxServerGroups"),
    Measure.KEY_PAIRS: ("", "maxTotalKeypairs"),
}


class Compute(NamedTuple):
    """Nova's part. `flavors` (those that the project may use), `zones` and `key_pairs` are None if not requested."""

    servers: list[Server]
    limits: list[Limit]
    flavors: list[Flavor] | None
    zones: list[Zone] | None
    key_pairs: list[KeyPair] | None


_SERVERS = TypeAdapter(list[Server])
_FLAVORS = TypeAdapter(list[Flavor])
_KEY_PAIRS = TypeAdapter(list[KeyPair])


def start(pool: Executor, connection: Connection, *, slow: bool, key_pairs: bool) -> Callable[[], Compute]:
    """Start the calls and return a function that waits for them."""
    servers = pool.submit(list_servers, connection)
    limits = pool.submit(read_limits, connection)
    flavors = pool.submit(list_flavors, connection) if slow else None
    zones = pool.submit(list_zones, connection, Service.COMPUTE) if slow else None
    own = pool.submit(list_key_pairs, connection) if key_pairs else None
    return lambda: Compute(
        servers.result(),
        limits.result(),
        flavors.result() if flavors else None,
        zones.result() if zones else None,
        own.result() if own else None,
    )


def list_servers(connection: Connection) -> list[Server]:
    """List the project's servers (GET /servers/detail)."""
    return read_all(connection, Service.COMPUTE, "/servers/detail", "servers", _SERVERS)


def read_limits(connection: Connection) -> list[Limit]:
    """Return the limits with what is used and allowed (GET /limits)."""
    absolute = get_part(connection, Service.COMPUTE, "/limits", ("limits", "absolute"), ABSOLUTE)
    return absolute_limits(absolute, _LIMITS)


def list_flavors(connection: Connection) -> list[Flavor]:
    """List the flavors that the project may use (GET /flavors/detail)."""
    return read_all(connection, Service.COMPUTE, "/flavors/detail", "flavors", _FLAVORS)


def list_key_pairs(connection: Connection) -> list[KeyPair]:
    """List the key pairs of the token's user, the same in all projects (GET /os-keypairs)."""
    rows = read_all(connection, Service.COMPUTE, "/os-keypairs", "keypairs", _KEY_PAIRS)
    return [row.model_copy(update={"user_id": connection.state.user_id}) for row in rows]


def with_flavors(servers: list[Server], flavors: Mapping[str, Flavor]) -> list[Server]:
    """Fill in the flavor where clouds before 2.47 give only its id."""
    return [
        server.model_copy(update={"flavor_name": f.name, "vcpus": f.vcpus, "ram_mb": f.ram_mb, "disk_gb": f.disk_gb})
        if not server.flavor_name and (f := flavors.get(server.flavor_id))
        else server
        for server in servers
    ]
