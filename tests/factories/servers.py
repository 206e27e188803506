"""Flavors and servers: one, or as many as a test needs."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from projects.models import Tenant
from services.compute.models import Flavor, Server
from services.network.models import Port
from tests.factories.people import cloud_id
from tests.factories.rows import ident, seen
from tests.factories.usage import measure

FLAVORS = {
    "m1.tiny": (1, 1024, 5),
    "m1.small": (1, 2048, 10),
    "m1.medium": (2, 8192, 20),
    "m1.large": (4, 16384, 40),
    "c1.medium": (3, 6144, 20),
}
NO_HOST = "No valid host was found. There are not enough hosts available."


def server(
    tenant: Tenant,
    name: str,
    *,
    status: str = "ACTIVE",
    flavor: str = "m1.medium",
    addresses: tuple[str, ...] = (),
    groups: tuple[str, ...] = ("default",),
    age: timedelta = timedelta(days=18),
    save: bool = True,
    **values: Any,
) -> Server:
    """Create a server of member's on app-net; of two addresses the second is a floating one."""
    values = {"key_name": "member-laptop", "user_id": cloud_id("member", tenant)} | values
    vcpus, ram, disk = FLAVORS[flavor]
    now = timezone.now()
    handle = tenant.handle
    row = Server(
        **seen(now, tenant, ident(f"{handle}/server/{name}"), name),
        status=status,
        flavor_name=flavor,
        vcpus=vcpus,
        ram_mb=ram,
        disk_gb=disk,
        image_id=ident(f"{handle}/image/Debian 13"),
        image_name="Debian 13",
        zone="nova",
        addresses=[
            {
                "network": "app-net",
                "address": address,
                "version": 4,
                "type": "floating" if i else "fixed",
                "mac": "fa:16:3e:11:22:33",
                "port_id": ident(f"{handle}/port/{name}"),
            }
            for i, address in enumerate(addresses)
        ],
        security_groups=[{"id": ident(f"{handle}/group/{group}"), "name": group} for group in groups],
        created_at=now - age,
        **values,
    )
    if save:
        row.save()
    return row


def many_servers(tenant: Tenant, count: int) -> None:
    """Create this many running servers, each with a port."""
    flavors = list(FLAVORS)
    rows = [
        server(
            tenant,
            f"bulk-{i:04}",
            flavor=flavors[i % len(flavors)],
            addresses=(f"10.9.{i // 250}.{i % 250 + 1}",),
            groups=("default", "web-public") if i % 3 else ("default",),
            save=False,
        )
        for i in range(count)
    ]
    Server.objects.bulk_create(rows)
    now = timezone.now()
    network = ident(f"{tenant.handle}/network/app-net")
    Port.objects.bulk_create(
        Port(
            **seen(now, tenant, ident(f"{tenant.handle}/port/{row.name}"), ""),
            network_id=network,
            device_id=row.external_id,
            device_owner="compute:nova",
            status="ACTIVE",
            mac="fa:16:3e:11:22:33",
            fixed_ips=[{"subnet_id": ident(f"{tenant.handle}/subnet/app-net"), "address": row.addresses[0]["address"]}],
            security_group_ids=[group["id"] for group in row.security_groups],
        )
        for row in rows
    )
    measure(tenant)


def flavors(tenant: Tenant) -> None:
    """Create the flavors of the cloud."""
    now = timezone.now()
    for name, (vcpus, ram, disk) in FLAVORS.items():
        Flavor.objects.create(**seen(now, tenant, name, name), vcpus=vcpus, ram_mb=ram, disk_gb=disk)
