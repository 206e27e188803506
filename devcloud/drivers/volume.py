"""Cinder's backend: volumes that are rows in Cinder's database and nothing else."""

from __future__ import annotations

import io

from cinder import interface
from cinder.volume import driver


@interface.volumedriver
class DatabaseVolumeDriver(driver.VolumeDriver):
    VERSION = "1.0"

    def check_for_setup_error(self):
        """Do nothing: there is nothing to set up."""

    def _update_volume_stats(self):
        name = self.configuration.safe_get("volume_backend_name")
        self._stats = {
            "volume_backend_name": name,
            "vendor_name": "Meshdeck",
            "driver_version": self.VERSION,
            "storage_protocol": "iSCSI",
            "pools": [
                {
                    "pool_name": name,
                    "total_capacity_gb": 100_000,
                    "free_capacity_gb": 100_000,
                    "provisioned_capacity_gb": 0,
                    "max_over_subscription_ratio": 20.0,
                    "thin_provisioning_support": True,
                    "reserved_percentage": 0,
                    "QoS_support": False,
                    "multiattach": True,
                    "filter_function": self.get_filter_function(),
                    "goodness_function": self.get_goodness_function(),
                }
            ],
        }

    def _nothing_to_do(self, *args, **kwargs):
        return None

    create_volume = delete_volume = extend_volume = _nothing_to_do
    create_volume_from_snapshot = create_cloned_volume = copy_image_to_volume = _nothing_to_do
    create_snapshot = delete_snapshot = revert_to_snapshot = _nothing_to_do
    ensure_export = create_export = remove_export = terminate_connection = _nothing_to_do

    def clone_image(self, context, volume, image_location, image_meta, image_service):
        """Claim that the backend cloned the image, so that Cinder does not download and convert it."""
        return {}, True

    def copy_volume_to_image(self, context, volume, image_service, image_meta):
        content = io.BytesIO(b"image of volume " + volume.id.encode())
        image_service.update(context, image_meta["id"], {}, content)

    def initialize_connection(self, volume, connector, **kwargs):
        return {
            "driver_volume_type": "iscsi",
            "data": {
                "target_portal": "127.0.0.1:3260",
                "target_iqn": f"iqn.2026-01.org.example:{volume.id}",
                "target_lun": 1,
                "volume_id": volume.id,
                "access_mode": "rw",
            },
        }
