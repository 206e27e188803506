"""Networks, subnets and ports."""

from django.utils.translation import gettext_lazy as _

from projects.api.shapes import Shape, shape_of
from projects.kinds import Kind, News, as_is
from projects.searching import by_name, by_name_or_address
from services.network import figures
from services.network.models import Network, Port, Subnet
from services.openstack.words import Service


class Pool(Shape):
    """A range of addresses that DHCP gives away."""

    start: str
    end: str


class FixedIP(Shape):
    """An address of a port."""

    subnet_id: str
    address: str


NETWORKS = Kind(
    key="networks",
    one="network",
    name=_("Network"),
    names=_("Networks"),
    noun=_("networks"),
    icon="network",
    states="network",
    group="network",
    position=70,
    figures=figures.networks,
    counts="visible",
    counted_in=("subnets",),
    news=News({"name": as_is}, ours=lambda row: bool(row["owned"])),
    model=Network,
    service=Service.NETWORK,
    shape=shape_of("Network", Network, subnet_ids=list[str]),
    search=lambda q: by_name(q, "description"),
)
SUBNETS = Kind(
    key="subnets",
    one="subnet",
    name=_("Subnet"),
    names=_("Subnets"),
    position=320,
    found=False,
    figures=figures.subnets,
    model=Subnet,
    service=Service.NETWORK,
    shape=shape_of("Subnet", Subnet, dns_servers=list[str], pools=list[Pool]),
    search=lambda q: by_name(q, "cidr"),
)
PORTS = Kind(
    key="ports",
    one="port",
    name=_("Port"),
    names=_("Ports"),
    states="port",
    position=330,
    found=False,
    figures=figures.ports,
    model=Port,
    service=Service.NETWORK,
    shape=shape_of("Port", Port, fixed_ips=list[FixedIP], security_group_ids=list[str]),
    search=lambda q: by_name_or_address(q, "fixed_ips", "mac", "device_id"),
)
