"""Addresses of subnets: what the forms propose, and what Neutron would refuse, told beforehand.

Source: neutron.db.db_base_plugin_v2 (_validate_subnet) and neutron.conf.db.extraroute; what is refused here and not
there (a gateway outside of its subnet) makes a network that nobody can use.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Literal, TypeAlias

from django.utils.translation import gettext as _
from pydantic import Field

from portal.ui.commands import Option, given
from portal.ui.forms import Way
from projects.actions import base
from projects.models import Tenant
from projects.outcomes import Refusal
from services.network.models import Subnet

Net: TypeAlias = IPv4Network | IPv6Network
Address: TypeAlias = IPv4Address | IPv6Address

AUTO, NONE = "auto", "none"
# So many DNS servers a cloud takes for a subnet, unless its operator says otherwise (max_dns_nameservers).
MOST_DNS = 5
_SLAAC_PREFIX = 64


class SubnetParams(base.Params):
    """A subnet's addresses. `gateway`: an address, "auto" for the first one, "none" for none.

    `ipv6_mode` says how servers come to IPv6 addresses; by default by SLAAC where there is DHCP, else not at all.
    """

    cidr: str = Field(min_length=1, max_length=64)
    gateway: str = Field(AUTO, max_length=64)
    dhcp: bool = True
    dns_servers: list[str] = []
    ipv6_mode: Literal["", "slaac", "dhcpv6-stateful", "dhcpv6-stateless"] = ""

    @property
    def cloud_gateway(self) -> str | None:
        """As clouds.openstack.networks takes it."""
        return {AUTO: None, NONE: ""}.get(self.gateway, self.gateway)

    @property
    def cloud_ipv6_mode(self) -> str:
        """The mode of an IPv6 subnet, chosen or by default."""
        return self.ipv6_mode or ("slaac" if ":" in self.cidr and self.dhcp else "")

    @property
    def options(self) -> list[Option]:
        """Return it as options of `openstack subnet create`."""
        found = given(
            ("--subnet-range", self.cidr),
            ("--ip-version", "6" if ":" in self.cidr else ""),
            ("--ipv6-ra-mode", self.cloud_ipv6_mode),
            ("--ipv6-address-mode", self.cloud_ipv6_mode),
            ("--gateway", "" if self.gateway == AUTO else self.gateway),
        )
        if not self.dhcp:
            found.append("--no-dhcp")
        return [*found, *(("--dns-nameserver", one) for one in self.dns_servers)]

    @property
    def terraform(self) -> dict[str, "str | int | bool | Sequence[str]"]:
        """Return it as fields of openstack_networking_subnet_v2."""
        return {
            "cidr": self.cidr,
            "ip_version": 6 if ":" in self.cidr else 4,
            **({"gateway_ip": self.gateway} if self.gateway not in (AUTO, NONE) else {}),
            **({"no_gateway": True} if self.gateway == NONE else {}),
            **({"enable_dhcp": False} if not self.dhcp else {}),
            "ipv6_ra_mode": self.cloud_ipv6_mode,
            "ipv6_address_mode": self.cloud_ipv6_mode,
            "dns_nameservers": self.dns_servers,
        }


def net_of(cidr: str) -> Net | None:
    """Parse a subnet; None where it is not valid."""
    try:
        return ip_network(cidr)
    except ValueError:
        return None


def address_of(text: str) -> Address | None:
    """Parse an address; None where it is not valid."""
    try:
        return ip_address(text)
    except ValueError:
        return None


def overlap(cidr: str, other: str) -> bool:
    """Tell whether two subnets have addresses in common."""
    one, two = net_of(cidr), net_of(other)
    return one is not None and two is not None and one.version == two.version and one.overlaps(two)


def first_address(cidr: str) -> str:
    """Where the gateway is by default: "10.0.4.1". Empty for what are no addresses."""
    net = net_of(cidr)
    return str(net[1]) if net is not None and net.num_addresses > 1 else ""


def free_cidr(tenant: Tenant) -> str:
    """Propose a subnet that overlaps with none that the project sees: "10.0.5.0/24". Empty where none is left."""
    cidrs = tenant.subnets.values_list("cidr", flat=True)
    taken = [net for cidr in cidrs if isinstance(net := net_of(cidr), IPv4Network)]
    for start in ("10.0", "192.168"):
        for n in range(1, 255):
            net = ip_network(f"{start}.{n}.0/24")
            if not any(net.overlaps(other) for other in taken):
                return str(net)
    return ""


def usual_dns(tenant: Tenant) -> list[str]:
    """Return the DNS servers that most of the project's own subnets have."""
    own = tenant.networks.filter(owned=True).values("external_id")
    found = [tuple(one) for one in tenant.subnets.filter(network_id__in=own).values_list("dns_servers", flat=True)]
    known = [one for one in found if one]
    return list(Counter(known).most_common(1)[0][0]) if known else []


def check(params: SubnetParams) -> Iterator[Refusal]:
    """Check the addresses by themselves."""
    net = net_of(params.cidr)
    if net is None:
        yield _no_net(params.cidr)
        return
    yield from _check_net(net, params)
    yield from _check_gateway(net, params)
    yield from _check_dns(params.dns_servers)


def check_room(params: SubnetParams, others: Iterable[Subnet], why: str) -> Iterator[Refusal]:
    """Refuse addresses that another subnet has, where no two may. `why` ends the sentence about them."""
    for other in others:
        if overlap(params.cidr, other.cidr):
            words = {"cidr": params.cidr, "name": str(other), "other": other.cidr, "why": why}
            ways = []
            if free := free_cidr(other.tenant):
                ways.append(Way(_("Use %(cidr)s") % {"cidr": free}, value=free, field="cidr"))
            yield Refusal("cidr", _("%(cidr)s overlaps with %(name)s (%(other)s), %(why)s.") % words, ways)
            return


def _no_net(cidr: str) -> Refusal:
    try:
        wider = str(ip_network(cidr, strict=False))
    except ValueError:
        return Refusal("cidr", _("“%(cidr)s” is not a valid subnet. Example: 10.0.4.0/24") % {"cidr": cidr})
    said = _("%(cidr)s is an address inside %(net)s. A subnet is written with its first address.")
    way = Way(_("Use %(cidr)s") % {"cidr": wider}, value=wider, field="cidr")
    return Refusal("cidr", said % {"cidr": cidr, "net": wider}, [way])


def _check_net(net: Net, params: SubnetParams) -> Iterator[Refusal]:
    least = 30 if net.version == 4 else 126
    if net.prefixlen > least:
        said = _("%(cidr)s has too few addresses (%(n)d). A subnet needs at least 4.")
        yield Refusal("cidr", said % {"cidr": params.cidr, "n": net.num_addresses})
    elif net.is_multicast or net.is_loopback or int(net.network_address) == 0:
        yield Refusal("cidr", _("%(cidr)s is reserved and can't be a subnet.") % {"cidr": params.cidr})
    if net.version == 4 and params.ipv6_mode:
        yield Refusal("ipv6_mode", _("%(cidr)s is an IPv4 subnet.") % {"cidr": params.cidr})
    elif params.cloud_ipv6_mode in ("slaac", "dhcpv6-stateless") and net.prefixlen != _SLAAC_PREFIX:
        wanted = str(ip_network(f"{net.network_address}/{_SLAAC_PREFIX}", strict=False))
        way = Way(_("Use %(cidr)s") % {"cidr": wanted}, value=wanted, field="cidr")
        yield Refusal("cidr", _("SLAAC needs a /64."), [way])
    if params.ipv6_mode and not params.dhcp:
        yield Refusal("dhcp", _("%(mode)s needs DHCP.") % {"mode": params.ipv6_mode})


def _check_gateway(net: Net, params: SubnetParams) -> Iterator[Refusal]:
    if params.gateway in (AUTO, NONE):
        return
    first = str(net[1]) if net.num_addresses > 1 else ""
    ways = [Way(_("Use %(address)s") % {"address": first}, value=first, field="gateway")] if first else []
    gateway = address_of(params.gateway)
    words = {"gateway": params.gateway, "cidr": params.cidr}
    if gateway is None:
        yield Refusal("gateway", _("“%(gateway)s” is not a valid address.") % words, ways)
    elif gateway not in net:
        yield Refusal("gateway", _("%(gateway)s is not in %(cidr)s.") % words, ways)
    elif net.version == 4 and gateway in (net.network_address, net.broadcast_address):
        yield Refusal("gateway", _("%(gateway)s is the network or broadcast address of %(cidr)s.") % words, ways)


def _check_dns(servers: Sequence[str]) -> Iterator[Refusal]:
    for one in servers:
        if address_of(one) is None:
            said = _("“%(text)s” is not a valid address of a DNS server. Example: 192.0.2.53, 192.0.2.54")
            yield Refusal("dns_servers", said % {"text": one})
            return
    if len(set(servers)) < len(servers):
        yield Refusal("dns_servers", _("The same DNS server is listed twice."))
    elif len(servers) > MOST_DNS:
        said = _("A subnet can have at most %(most)d DNS servers, not %(n)d.")
        yield Refusal("dns_servers", said % {"n": len(servers), "most": MOST_DNS})
