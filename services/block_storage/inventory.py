"""What cinder tells fills these models."""

from clouds.openstack.inventory import block_storage
from clouds.openstack.services import Service
from services.block_storage.models import Snapshot, Volume, VolumeType
from services.openstack.rows import OpenStackRows


class Volumes(OpenStackRows[block_storage.Volume]):
    """Volumes."""

    row = block_storage.Volume
    model = Volume
    service = Service.BLOCK_STORAGE
    field = "volumes"


class Snapshots(OpenStackRows[block_storage.Snapshot]):
    """Snapshots of volumes."""

    row = block_storage.Snapshot
    model = Snapshot
    service = Service.BLOCK_STORAGE
    field = "snapshots"


class VolumeTypes(OpenStackRows[block_storage.VolumeType]):
    """Types of volumes, read every two minutes."""

    row = block_storage.VolumeType
    model = VolumeType
    service = Service.BLOCK_STORAGE
    field = "volume_types"
