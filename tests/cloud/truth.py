"""openstacksdk's own view of a project: the measure for the portal's figures and limits.

None of the portal's reading code is used here, so that a mistake can't hide in both.
"""

from collections import Counter
from typing import Any

from openstack.connection import Connection

ANYWHERE = (None, "", "0.0.0.0/0", "::/0")
WORKING_VOLUMES = ("creating", "deleting", "attaching", "detaching", "reserved", "downloading", "extending")


def figures(cloud: Connection) -> dict[str, Any]:
    """Return the figures of the tenant page, as openstacksdk counts them."""
    mine = cloud.current_project_id
    servers = list(cloud.compute.servers())
    states = Counter(_state(server) for server in servers)
    order = ("running", "stopped", "working", "error", "other")
    volumes = list(cloud.block_storage.volumes())
    snapshots = list(cloud.block_storage.snapshots())
    images = list(cloud.image.images())
    addresses = list(cloud.network.ips(project_id=mine))
    networks = [n for n in cloud.network.networks() if n.project_id == mine or n.is_shared or n.is_router_external]
    own = {network.id for network in networks if network.project_id == mine}
    groups = list(cloud.network.security_groups(project_id=mine))
    rules = [rule for group in groups for rule in group.security_group_rules]
    containers = list(cloud.object_store.containers())
    return {
        "servers": {
            "total": len(servers),
            **{state: states[state] for state in order},
            "vcpus": sum(server.flavor["vcpus"] for server in servers),
            "ram_mb": sum(server.flavor["ram"] for server in servers),
            "fleet": [state for state in order for _ in range(states[state])],
        },
        "volumes": {
            "total": len(volumes),
            "gb": sum(volume.size for volume in volumes),
            "attached": sum(volume.status == "in-use" for volume in volumes),
            "free": sum(volume.status == "available" for volume in volumes),
            "error": sum(volume.status.startswith("error") for volume in volumes),
            "working": sum(volume.status in WORKING_VOLUMES for volume in volumes),
        },
        "snapshots": {"total": len(snapshots), "gb": sum(snapshot.size for snapshot in snapshots)},
        "images": {"total": len(images), "owned": sum(image.owner == mine for image in images)},
        "floating_ips": {
            "total": len(addresses),
            "in_use": sum(bool(ip.port_id) for ip in addresses),
            "idle": sum(not ip.port_id for ip in addresses),
        },
        "networks": {"total": len(own), "visible": len(networks)},
        "routers": {"total": len(list(cloud.network.routers(project_id=mine)))},
        "subnets": {"total": sum(subnet.network_id in own for subnet in cloud.network.subnets())},
        "ports": {"total": len(list(cloud.network.ports(project_id=mine)))},
        "security_groups": {
            "total": len(groups),
            "visible": len(groups),
            "rules": len(rules),
            "open": len({rule["security_group_id"] for rule in rules if _lets_anybody_in(rule)}),
        },
        "containers": {
            "total": len(containers),
            "objects": sum(container.count for container in containers),
            "bytes": sum(container.bytes for container in containers),
        },
    }


def limits(cloud: Connection) -> dict[str, tuple[int | None, int | None]]:
    """Return used and allowed of every limit; None: not reported, or none set."""
    nova = cloud.compute.get_limits().absolute
    cinder = cloud.block_storage.get_limits().absolute
    neutron = cloud.network.get_quota(cloud.current_project_id, details=True)
    found = {
        "vcpus": (nova.total_cores_used, nova.total_cores),
        "ram_mb": (nova.total_ram_used, nova.total_ram),
        "servers": (nova.instances_used, nova.instances),
        "server_groups": (nova.server_groups_used, nova.server_groups),
        "key_pairs": (None, nova.keypairs),
        "volume_gb": (cinder.total_gigabytes_used, cinder.max_total_volume_gigabytes),
        "volumes": (cinder.total_volumes_used, cinder.max_total_volumes),
        "snapshots": (cinder.total_snapshots_used, cinder.max_total_snapshots),
        "backups": (cinder.total_backups_used, cinder.max_total_backups),
        "backup_gb": (cinder.total_backup_gigabytes_used, cinder.max_total_backup_gigabytes),
    }
    for measure in (
        "floating_ips",
        "networks",
        "subnets",
        "ports",
        "routers",
        "security_groups",
        "security_group_rules",
    ):
        quota = neutron[measure]
        found[measure] = (quota["used"], quota["limit"])
    account = cloud.object_store.get_account_metadata()
    # The SDK does not know an account's quota; the header is swift's own.
    quota_bytes = cloud.object_store.head("").headers.get("X-Account-Meta-Quota-Bytes")
    if quota_bytes is not None:
        found["object_bytes"] = (int(account.account_bytes_used), int(quota_bytes))
    return {measure: (used, None if most is not None and most < 0 else most) for measure, (used, most) in found.items()}


def _state(server: Any) -> str:
    if server.status == "ERROR":
        return "error"
    if server.task_state or server.status in ("BUILD", "REBOOT", "RESIZE"):
        return "working"
    return {"ACTIVE": "running", "SHUTOFF": "stopped", "PAUSED": "stopped", "SUSPENDED": "stopped"}.get(
        server.status, "other"
    )


def _lets_anybody_in(rule: dict[str, Any]) -> bool:
    return rule["direction"] == "ingress" and not rule["remote_group_id"] and rule["remote_ip_prefix"] in ANYWHERE
