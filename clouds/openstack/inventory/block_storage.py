"""Cinder: volumes, snapshots, limits, and (slow part) volume types and zones. Source: api-ref/block-storage/v3."""

from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any, NamedTuple

from pydantic import AliasPath, BaseModel, ConfigDict, Field, TypeAdapter, field_validator

from clouds import errors
from clouds.openstack.inventory.values import ABSOLUTE, Limit, Many, Measure, Metadata, Row, Text, Time, absolute_limits
from clouds.openstack.inventory.zones import Zone, list_zones
from clouds.openstack.paging import get_part, read_all
from clouds.openstack.services import Service
from clouds.openstack.session import Connection


class Attachment(BaseModel):
    """Where a volume is attached. Cinder writes `attached_at` as ISO 8601 in UTC, without a zone."""

    model_config = ConfigDict(frozen=True)

    server_id: Text = ""
    device: Text = ""
    attached_at: Text = ""


class Volume(Row):
    """A volume."""

    description: Text = ""
    status: str
    size_gb: int = Field(validation_alias="size")
    volume_type: Text = ""
    bootable: bool = False
    encrypted: bool = False
    multiattach: bool = False
    zone: Text = Field("", validation_alias="availability_zone")
    image_id: Text = Field("", validation_alias=AliasPath("volume_image_metadata", "image_id"))
    image_name: Text = Field("", validation_alias=AliasPath("volume_image_metadata", "image_name"))
    snapshot_id: Text = ""
    source_volume_id: Text = Field("", validation_alias="source_volid")
    attachments: Many[Attachment] = []
    metadata: Metadata = {}
    user_id: Text = ""
    created_at: Time | None = None

    @field_validator("bootable", "encrypted", "multiattach", mode="before")
    @classmethod
    def _null_is_no(cls, value: Any) -> Any:
        return value or False


class Snapshot(Row):
    """A volume's snapshot."""

    description: Text = ""
    status: str
    size_gb: int = Field(validation_alias="size")
    volume_id: Text = ""
    metadata: Metadata = Field({}, exclude=True)
    created_at: Time | None = None


class VolumeType(Row):
    """A volume type that can be requested. The `default` one is used for a volume that names none."""

    description: Text = ""
    public: bool = Field(True, validation_alias="is_public")
    default: bool = False


_LIMITS = {
    Measure.VOLUME_GB: ("totalGigabytesUsed", "maxTotalVolumeGigabytes"),
    Measure.VOLUMES: ("totalVolumesUsed", "maxTotalVolumes"),
    Measure.SNAPSHOTS: ("totalSnapshotsUsed", "maxTotalSnapshots"),
    Measure.BACKUPS: ("totalBackupsUsed", "maxTotalBackups"),
    Measure.BACKUP_GB: ("totalBackupGigabytesUsed", "maxTotalBackupGigabytes"),
}


class BlockStorage(NamedTuple):
    """Cinder's part. `volume_types` and `zones` are None if not requested.

    The volume_gb in `limits` includes snapshots unless the cloud's operator has switched that off.
    """

    volumes: list[Volume]
    snapshots: list[Snapshot]
    limits: list[Limit]
    volume_types: list[VolumeType] | None
    zones: list[Zone] | None


_VOLUMES = TypeAdapter(list[Volume])
_SNAPSHOTS = TypeAdapter(list[Snapshot])
_TYPES = TypeAdapter(list[VolumeType])
_TYPE = TypeAdapter(VolumeType)


def start(pool: Executor, connection: Connection, *, slow: bool) -> Callable[[], BlockStorage]:
    """Start the calls and return a function that waits for them."""
    volumes = pool.submit(list_volumes, connection)
    snapshots = pool.submit(list_snapshots, connection)
    limits = pool.submit(read_limits, connection)
    types = pool.submit(list_volume_types, connection) if slow else None
    default = pool.submit(default_volume_type, connection) if slow else None
    zones = pool.submit(list_zones, connection, Service.BLOCK_STORAGE) if slow else None
    return lambda: BlockStorage(
        volumes.result(),
        snapshots.result(),
        limits.result(),
        _marked(types.result(), default.result()) if types and default else None,
        zones.result() if zones else None,
    )


def list_volumes(connection: Connection) -> list[Volume]:
    """List the project's volumes (GET /volumes/detail)."""
    return read_all(connection, Service.BLOCK_STORAGE, "/volumes/detail", "volumes", _VOLUMES)


def list_snapshots(connection: Connection) -> list[Snapshot]:
    """List the project's snapshots (GET /snapshots/detail)."""
    return read_all(connection, Service.BLOCK_STORAGE, "/snapshots/detail", "snapshots", _SNAPSHOTS)


def read_limits(connection: Connection) -> list[Limit]:
    """Return the limits with what is used and allowed (GET /limits)."""
    absolute = get_part(connection, Service.BLOCK_STORAGE, "/limits", ("limits", "absolute"), ABSOLUTE)
    return absolute_limits(absolute, _LIMITS)


def list_volume_types(connection: Connection) -> list[VolumeType]:
    """List the volume types that the project may use (GET /types, which cinder does not page by itself)."""
    return read_all(connection, Service.BLOCK_STORAGE, "/types", "volume_types", _TYPES)


def default_volume_type(connection: Connection) -> str:
    """Return the id of the default volume type (GET /types/default), empty if the cloud has none.

    Cinder answers 500 if its operator has set a default that does not exist, and works otherwise.
    """
    try:
        return get_part(connection, Service.BLOCK_STORAGE, "/types/default", ("volume_type",), _TYPE).external_id
    except (errors.NotFound, errors.Forbidden, errors.ServerFault):
        return ""


def _marked(types: list[VolumeType], default: str) -> list[VolumeType]:
    return [one.model_copy(update={"default": True}) if one.external_id == default else one for one in types]
