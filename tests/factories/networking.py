"""Networks, ports, floating IPs and security groups."""

from datetime import timedelta

from django.utils import timezone

from projects.models import Tenant
from services.compute.models import Server
from services.network.models import (
    AddressGroup,
    FloatingIP,
    Network,
    Port,
    Router,
    SecurityGroup,
    SecurityGroupRule,
    Subnet,
)
from tests.factories.rows import ident, seen


def group(tenant: Tenant, name: str, description: str, *rules: tuple[str, int | None, str, str]) -> SecurityGroup:
    """Create a security group; a rule is (protocol, port, cidr, name of the remote group)."""
    now, handle = timezone.now(), tenant.handle
    row = SecurityGroup.objects.create(
        **seen(now, tenant, ident(f"{handle}/group/{name}"), name), description=description, created_at=now
    )
    for i, (protocol, port, cidr, remote) in enumerate(rules):
        SecurityGroupRule.objects.create(
            **seen(now, tenant, ident(f"{handle}/rule/{name}/{i}"), ""),
            group_id=row.external_id,
            direction="ingress",
            ethertype="IPv6" if ":" in cidr else "IPv4",
            protocol=protocol,
            port_min=port,
            port_max=port,
            remote_cidr=cidr,
            remote_group_id=ident(f"{handle}/group/{remote}") if remote else "",
        )
    return row


def networks(tenant: Tenant) -> None:
    """Create app-net and backup-net behind a router, the external network public, and the address group partners."""
    now, handle = timezone.now(), tenant.handle
    public = ident(f"{tenant.location.name}/network/public")
    Network.objects.create(**seen(now, tenant, public, "public"), status="ACTIVE", owned=False, external=True, mtu=1500)
    partners = seen(now, tenant, ident(f"{handle}/address-group/partners"), "partners")
    AddressGroup.objects.create(**partners, addresses=["203.0.113.0/24"])
    router = Router.objects.create(
        **seen(now, tenant, ident(f"{handle}/router/main"), "main"),
        status="ACTIVE",
        external_network_id=public,
        external_addresses=["198.51.100.2"],
    )
    for name, cidr, gateway in (
        ("app-net", "10.0.4.0/24", "10.0.4.1"),
        ("backup-net", "192.168.20.0/24", "192.168.20.1"),
    ):
        network = ident(f"{handle}/network/{name}")
        Network.objects.create(**seen(now, tenant, network, name), status="ACTIVE", mtu=1450, created_at=now)
        subnet = ident(f"{handle}/subnet/{name}")
        Subnet.objects.create(
            **seen(now, tenant, subnet, f"{name}-v4"),
            network_id=network,
            cidr=cidr,
            gateway=gateway,
            dns_servers=["192.0.2.53"],
            pools=[{"start": gateway[:-1] + "2", "end": gateway[:-1] + "254"}],
        )
        Port.objects.create(
            **seen(now, tenant, ident(f"{handle}/port/router/{name}"), ""),
            network_id=network,
            device_id=router.external_id,
            device_owner="network:router_interface",
            status="ACTIVE",
            fixed_ips=[{"subnet_id": subnet, "address": gateway}],
        )


def port(tenant: Tenant, row: Server, network: str = "app-net", address: str = "") -> Port:
    """Create the port of a server on a network."""
    handle = tenant.handle
    return Port.objects.create(
        **seen(timezone.now(), tenant, ident(f"{handle}/port/{row.name}/{network}"), ""),
        network_id=ident(f"{handle}/network/{network}"),
        device_id=row.external_id,
        device_owner="compute:nova",
        status="ACTIVE",
        mac="fa:16:3e:11:22:33",
        fixed_ips=[
            {"subnet_id": ident(f"{handle}/subnet/{network}"), "address": address or row.addresses[0]["address"]}
        ],
        security_group_ids=[one["id"] for one in row.security_groups],
    )


def floating(tenant: Tenant, address: str, row: Server | None = None) -> FloatingIP:
    """Create a floating IP, idle or on a server's first port."""
    handle = tenant.handle
    return FloatingIP.objects.create(
        **seen(timezone.now(), tenant, ident(f"{handle}/floating/{address}"), ""),
        address=address,
        status="ACTIVE" if row else "DOWN",
        network_id=ident(f"{tenant.location.name}/network/public"),
        port_id=ident(f"{handle}/port/{row.name}/app-net") if row else "",
        fixed_address=row.addresses[0]["address"] if row else "",
        server_id=row.external_id if row else "",
        router_id=ident(f"{handle}/router/main") if row else "",
        created_at=timezone.now() - timedelta(days=41),
    )
