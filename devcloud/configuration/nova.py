"""nova.conf"""

from __future__ import annotations

from devcloud.configuration import common
from devcloud.layout import Location


def files(location: Location) -> dict[str, str]:
    # vif_plugging: ports are bound at once, nobody sends the event that Nova would wait 300 s for.
    # sync_power_state_interval: the fake hypervisor would "see" its servers stopped after a restart.
    # track_instance_changes: saves a message per change to a scheduler that lives in the same process.
    return {
        "nova.conf": common.default(
            location,
            "nova",
            f"""compute_driver = fake.DevcloudDriver
instances_path = {location.data}/nova/instances
my_ip = 127.0.0.1
vif_plugging_is_fatal = false
vif_plugging_timeout = 0
sync_power_state_interval = -1
resume_guests_state_on_host_boot = false
allow_resize_to_same_host = true
cpu_allocation_ratio = 16
ram_allocation_ratio = 1
concurrency_backend = threading
""",
        )
        + common.database(location, "nova_api", "api_database")
        + common.database(location, "nova_cell1")
        + common.token_check(location, "nova")
        + common.service_token(location, "nova")
        + "".join(common.credentials(location, "nova", s) for s in ("placement", "neutron", "glance", "keystone"))
        + common.credentials(
            location, "nova", "cinder", f"catalog_info = volumev3::publicURL\nos_region_name = {location.name}"
        )
        + f"""
[api]
auth_strategy = keystone
[wsgi]
api_paste_config = {location.etc}/nova/api-paste.ini
[filter_scheduler]
track_instance_changes = false
[vnc]
enabled = true
novncproxy_base_url = {location.url("nova")}/no-console-proxy
[conductor]
workers = 1
[scheduler]
workers = 1
"""
    }
