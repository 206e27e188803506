"""Shared by all projects of a location: flavors, images, volume types, the external network, quotas."""

from __future__ import annotations

from collections.abc import Iterable

from devcloud.configuration.cinder import BACKENDS
from devcloud.layout import Location
from devcloud.seed.api import Api
from devcloud.seed.plan import EXTERNAL_NETWORKS, FLAVORS, IMAGES, KEY_PAIRS, REQUIRED_TRAITS, Quotas


def create_flavors(api: Api) -> None:
    for name, (vcpus, memory, disk) in FLAVORS.items():
        body = {"name": name, "vcpus": vcpus, "ram": memory, "disk": disk}
        flavor = api.post("nova", "/flavors", {"flavor": body})["flavor"]["id"]
        if name in REQUIRED_TRAITS:
            trait = REQUIRED_TRAITS[name]
            api.put("placement", f"/traits/{trait}")
            extra = {"extra_specs": {f"trait:{trait}": "required"}}
            api.post("nova", f"/flavors/{flavor}/os-extra_specs", extra)


def create_key_pairs(api: Api, users: Iterable[str]) -> None:
    """Create the same key pairs for each user. The administrator may do that; Nova does not require a login."""
    for user in users:
        for name, public_key in KEY_PAIRS.items():
            body = {"name": name, "type": "ssh", "public_key": public_key, "user_id": user}
            api.post("nova", "/os-keypairs", {"keypair": body})


def create_images(api: Api) -> None:
    for name, (distribution, version, smallest_disk) in IMAGES.items():
        image = api.post(
            "glance",
            "/images",
            {
                "name": name,
                "disk_format": "raw",
                "container_format": "bare",
                "visibility": "public",
                "min_disk": smallest_disk,
                "os_distro": distribution,
                "os_version": version,
                "architecture": "x86_64",
            },
        )
        content = f"the image {name} of a cloud that runs no servers\n".encode() * 20
        headers = {"Content-Type": "application/octet-stream"}
        api.request("PUT", "glance", f"/images/{image['id']}/file", data=content, headers=headers)


def create_volume_types(api: Api) -> None:
    for name in BACKENDS:
        body = {"name": name, "extra_specs": {"volume_backend_name": name}}
        api.post("cinder", "/types", {"volume_type": body})


def create_external_network(api: Api, location: Location) -> None:
    network = {
        "name": "public",
        "router:external": True,
        "provider:network_type": "flat",
        "provider:physical_network": "public",
    }
    network_id = api.post("neutron", "/networks", {"network": network})["network"]["id"]
    prefix = EXTERNAL_NETWORKS[location.name].rpartition(".")[0]
    subnet = {
        "name": "public",
        "network_id": network_id,
        "ip_version": 4,
        "cidr": EXTERNAL_NETWORKS[location.name],
        # Routers take any address of this range; otherwise one could take an address that the plan gives to a server.
        "allocation_pools": [{"start": f"{prefix}.100", "end": f"{prefix}.254"}],
        "enable_dhcp": False,
    }
    api.post("neutron", "/subnets", {"subnet": subnet})


def set_compute_quotas(api: Api, project: str, quotas: Quotas) -> None:
    values = {"instances": quotas.servers, "cores": quotas.vcpus, "ram": quotas.memory}
    api.put("nova", f"/os-quota-sets/{project}", {"quota_set": values})


def set_volume_quotas(api: Api, project: str, quotas: Quotas) -> None:
    values = {"volumes": quotas.volumes, "gigabytes": quotas.gigabytes, "snapshots": quotas.snapshots}
    api.put("cinder", f"/os-quota-sets/{project}", {"quota_set": values})


def set_network_quotas(api: Api, project: str, quotas: Quotas) -> None:
    values = {
        "floatingip": quotas.floating_ips,
        "security_group": quotas.security_groups,
        "network": quotas.networks,
    }
    api.put("neutron", f"/quotas/{project}", {"quota": values})
