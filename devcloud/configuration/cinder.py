"""cinder.conf"""

from __future__ import annotations

from devcloud.configuration import common
from devcloud.layout import Location

# One backend for each volume type of the seed.
BACKENDS = ("ssd", "hdd")


def files(location: Location) -> dict[str, str]:
    backends = "".join(
        f"""
[{name}]
volume_driver = devcloud.drivers.volume.DatabaseVolumeDriver
volume_backend_name = {name}
"""
        for name in BACKENDS
    )
    return {
        "cinder.conf": common.default(
            location,
            "cinder",
            f"""my_ip = 127.0.0.1
auth_strategy = keystone
api_paste_config = {location.etc}/cinder/api-paste.ini
resource_query_filters_file = {location.etc}/cinder/resource_filters.json
enabled_backends = {",".join(BACKENDS)}
default_volume_type = ssd
volumes_dir = {location.data}/cinder/volumes
glance_api_servers = {location.url("glance")}
""",
        )
        + common.database(location, "cinder")
        + common.token_check(location, "cinder")
        + common.service_token(location, "cinder")
        + common.credentials(location, "cinder", "nova")
        + f"""
[coordination]
backend_url = file://{location.data}/cinder/coordination
"""
        + backends
    }
