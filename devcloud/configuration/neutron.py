"""neutron.conf"""

from __future__ import annotations

from devcloud.configuration import common
from devcloud.layout import Location


def files(location: Location) -> dict[str, str]:
    # enable_traditional_dhcp, enable_dvr: no agents are here, Neutron would wait for them.
    # The [nova] section sends a port's changes to Nova, so that floating IPs show in a server's addresses.
    return {
        "neutron.conf": common.default(
            location,
            "neutron",
            f"""core_plugin = ml2
service_plugins = devcloud_router
auth_strategy = keystone
api_paste_config = {location.etc}/neutron/api-paste.ini
notify_nova_on_port_status_changes = true
notify_nova_on_port_data_changes = true
api_workers = 0
rpc_workers = 0
enable_traditional_dhcp = false
enable_dvr = false
dns_domain = {location.name}.example.org.
""",
        )
        + common.database(location, "neutron")
        + common.token_check(location, "neutron")
        + common.credentials(location, "neutron", "nova")
        + common.credentials(location, "neutron", "placement")
        + """
[ml2]
type_drivers = flat,vxlan
tenant_network_types = vxlan
mechanism_drivers = devcloud
extension_drivers = port_security
[ml2_type_flat]
flat_networks = public
[ml2_type_vxlan]
vni_ranges = 1:10000
"""
    }
