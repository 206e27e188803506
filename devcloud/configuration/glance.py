"""glance-api.conf"""

from __future__ import annotations

from devcloud.configuration import common
from devcloud.layout import Location


def files(location: Location) -> dict[str, str]:
    data = location.data / "glance"
    return {
        "glance-api.conf": common.default(
            location,
            "glance",
            f"""enabled_backends = disk:file
worker_self_reference_url = {location.url("glance")}
show_image_direct_url = false
enabled_import_methods = [glance-direct,copy-image]
""",
        )
        + common.database(location, "glance")
        + common.token_check(location, "glance")
        + f"""
[paste_deploy]
flavor = keystone
config_file = {location.etc}/glance/glance-api-paste.ini
[glance_store]
default_backend = disk
[disk]
filesystem_store_datadir = {data}/images
[os_glance_staging_store]
filesystem_store_datadir = {data}/staging
[os_glance_tasks_store]
filesystem_store_datadir = {data}/tasks
"""
    }
