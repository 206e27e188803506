"""Rows and pages of networks, routers and floating IPs, for the tests of their forms."""

from html import unescape
from typing import Any

from django.utils import timezone

from projects.models import Operation, Tenant
from services.compute.models import Server
from services.network.models import FloatingIP, Network, Port, Router, Subnet
from tests import factories

HERE = "/atlas@north/"
HOSTILE = "<img src=x onerror=alert(1)>"
LIVE = {"X-Meshdeck-Preview": "1"}


def text(response: Any) -> str:
    """Return the page as it is read: plain spaces, no escapes."""
    return unescape(response.content.decode()).replace("\xa0", " ")


def the_operation() -> Operation:
    """Return the one that was asked for."""
    return Operation.objects.get()


def net(name: str = "app-net") -> Network:
    return Network.objects.get(tenant__project__slug="atlas", tenant__location__name="north", name=name)


def edge() -> Router:
    return Router.objects.get(tenant__project__slug="atlas", tenant__location__name="north")


def address(last: int) -> FloatingIP:
    return FloatingIP.objects.get(address=f"198.51.100.{last}")


def server(name: str) -> Server:
    return Server.objects.get(name=name)


def lone(atlas: Tenant, **values: Any) -> Network:
    """Return a network without a router, with one server in it: lone-01 at 10.0.6.9."""
    now = timezone.now()
    network_id, subnet_id = factories.ident("lone-net"), factories.ident("lone-subnet")
    made = Network.objects.create(**factories.seen(now, atlas, network_id, "lone-net"), status="ACTIVE", **values)
    shape = {"network_id": network_id, "cidr": "10.0.6.0/24", "gateway": "10.0.6.1"}
    Subnet.objects.create(**factories.seen(now, atlas, subnet_id, "lone-v4"), **shape)
    row = factories.server(atlas, "lone-01", addresses=("10.0.6.9",), groups=("ssh-office", "web-public"))
    Port.objects.create(
        **factories.seen(now, atlas, factories.ident("lone-port"), ""),
        network_id=network_id,
        device_id=row.external_id,
        device_owner="compute:nova",
        status="ACTIVE",
        mac="fa:16:3e:11:22:33",
        fixed_ips=[{"subnet_id": subnet_id, "address": "10.0.6.9"}],
        security_group_ids=[one["id"] for one in row.security_groups],
    )
    return made


FORMS = {
    "networks/create/": {"name": HOSTILE, "description": HOSTILE, "cidr": HOSTILE, "gateway": HOSTILE},
    "networks/{net}/edit/": {"name": HOSTILE, "was": HOSTILE},
    "networks/{net}/delete/": {"typed": HOSTILE},
    "networks/{net}/subnets/create/": {"name": HOSTILE, "cidr": "10.9.0.0/24", "dns_servers": HOSTILE},
    "routers/create/": {"name": HOSTILE, "external_network_id": HOSTILE, "subnet_ids": HOSTILE},
    "routers/{edge}/gateway/": {"external_network_id": HOSTILE},
    "routers/{edge}/connect/": {"subnet_id": HOSTILE},
    "routers/{edge}/delete/": {"typed": HOSTILE},
    "floating-ips/create/": {"network_id": HOSTILE, "end": f"{HOSTILE} {HOSTILE}"},
    "floating-ips/{idle}/associate/": {"end": HOSTILE, "was": HOSTILE},
    "floating-ips/{idle}/release/": {"typed": HOSTILE},
    "servers/{server}/connect/": {"end": HOSTILE, "floating_ip_id": HOSTILE},
}


def url_of(path: str) -> str:
    ids = {
        "net": net("backup-net").external_id,
        "edge": edge().external_id,
        "idle": address(27).external_id,
        "server": server("web-02").external_id,
    }
    return HERE + path.format(**ids)
