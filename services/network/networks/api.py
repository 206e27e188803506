"""Networks, subnets and ports."""

from projects.api.kinds import Kind
from projects.api.shapes import Shape, shape_of
from projects.models import Service
from projects.pages.searching import by_name, by_name_or_address
from services.network.models import Network, Port, Subnet


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
    model=Network,
    service=Service.NETWORK,
    shape=shape_of("Network", Network),
    search=lambda q: by_name(q, "description"),
)
SUBNETS = Kind(
    key="subnets",
    one="subnet",
    model=Subnet,
    service=Service.NETWORK,
    shape=shape_of("Subnet", Subnet, dns_servers=list[str], pools=list[Pool]),
    search=lambda q: by_name(q, "cidr"),
)
PORTS = Kind(
    key="ports",
    one="port",
    model=Port,
    service=Service.NETWORK,
    shape=shape_of("Port", Port, fixed_ips=list[FixedIP], security_group_ids=list[str]),
    search=lambda q: by_name_or_address(q, "fixed_ips", "mac", "device_id"),
)
