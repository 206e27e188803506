"""Shared by all services' models: values are validated when the response is read and are plain inside."""

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter


def _none_is_empty(value: Any) -> Any:
    return "" if value is None else value


def _none_is_list(value: Any) -> Any:
    return [] if value is None else value


def _none_is_dict(value: Any) -> Any:
    return {} if value is None else value


def _is_utc(value: datetime) -> datetime:
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


# The services write null, or nothing, for what a row lacks; we write "".
Text = Annotated[str, BeforeValidator(_none_is_empty)]
# Nova, cinder and swift leave out the zone, which is UTC.
Time = Annotated[datetime, AfterValidator(_is_utc)]
T = TypeVar("T")
Many = Annotated[list[T], BeforeValidator(_none_is_list)]
Metadata = Annotated[dict[str, Text], BeforeValidator(_none_is_dict)]


class Row(BaseModel):
    """A resource in the cloud. Field names are the portal's; aliases are the service's."""

    model_config = ConfigDict(frozen=True, populate_by_name=True)

    external_id: str = Field(validation_alias="id", min_length=1)
    name: Text = ""


class Measure(StrEnum):
    """What a cloud counts against a limit. The unit is in the name; without one it is a count."""

    VCPUS = "vcpus"
    RAM_MB = "ram_mb"
    SERVERS = "servers"
    SERVER_GROUPS = "server_groups"
    KEY_PAIRS = "key_pairs"
    VOLUME_GB = "volume_gb"
    VOLUMES = "volumes"
    SNAPSHOTS = "snapshots"
    BACKUPS = "backups"
    BACKUP_GB = "backup_gb"
    FLOATING_IPS = "floating_ips"
    NETWORKS = "networks"
    SUBNETS = "subnets"
    PORTS = "ports"
    ROUTERS = "routers"
    SECURITY_GROUPS = "security_groups"
    SECURITY_GROUP_RULES = "security_group_rules"
    OBJECT_BYTES = "object_bytes"


class Limit(BaseModel):
    """Usage and limit of one measure. `allowed` None: no limit. `used` None: the cloud does not report it."""

    model_config = ConfigDict(frozen=True)

    measure: Measure
    used: int | None
    allowed: int | None


def allowed(value: int) -> int | None:
    """Turn the services' -1 into None, for no limit."""
    return None if value < 0 else value


# Nova's and cinder's `limits.absolute`, by their own names.
ABSOLUTE = TypeAdapter(dict[str, int])


def absolute_limits(absolute: Mapping[str, int], names: Mapping[Measure, tuple[str, str]]) -> list[Limit]:
    """Return the limits in `absolute`; `names` has the keys of used and allowed for each measure."""
    return [
        Limit(measure=measure, used=absolute.get(used), allowed=allowed(absolute[most]))
        for measure, (used, most) in names.items()
        if most in absolute
    ]
