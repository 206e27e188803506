"""The page of one network: subnets, ports, routers."""

import re
from collections.abc import Sequence
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_stubs_ext import StrOrPromise

from portal.ui.changing import Action
from projects.models import Tenant
from projects.pages import detail
from projects.pages.detail import Detail, Fact
from projects.pages.listing import PER_PAGE
from services.compute.models import Server
from services.network.models import Network, Port, Router, Subnet
from services.network.networks import buttons
from services.network.networks.kind import NETWORKS
from services.network.networks.lookups import INTERFACE


def context(request: HttpRequest, tenant: Tenant, network: Network) -> dict[str, Any]:
    """Collect the network's subnets, ports and routers."""
    ports = Port.objects.filter(tenant=tenant, network_id=network.external_id)
    devices = ports.order_by().exclude(device_id="").values("device_id")
    servers = Server.objects.filter(tenant=tenant, external_id__in=devices).values_list("external_id", "name")
    all_routers = {router.external_id: router for router in Router.objects.filter(tenant=tenant)}
    used = set(devices.values_list("device_id", flat=True))
    routers = [(id_, router.name) for id_, router in all_routers.items() if id_ in used]
    names = {id_: ("servers", name or id_) for id_, name in servers} | {
        id_: ("routers", router_said(name or id_)) for id_, name in routers
    }
    users = [(port, *names.get(port.device_id, ("", use_of(port)))) for port in ports]
    page = Paginator(sorted(users, key=_by_user_and_address), PER_PAGE).get_page(request.GET.get("page"))
    inside: dict[str, list[Router]] = {}
    for port in ports.filter(INTERFACE):
        for ip in port.fixed_ips if port.device_id in all_routers else ():
            inside.setdefault(ip["subnet_id"], []).append(all_routers[port.device_id])
    joined = {router.external_id for found in inside.values() for router in found}
    subnets = list(Subnet.objects.filter(tenant=tenant, network_id=network.external_id))
    others = sorted((one for id_, one in all_routers.items() if id_ not in joined), key=str)
    return {
        "facts": facts(network),
        "subnets": [
            (one, assignment(one), _menu(tenant, network, one, inside.get(one.external_id, []), others))
            for one in subnets
        ],
        "next": _next(tenant, network, subnets, others) if not joined else [],
        "page": page,
        "ports_total": page.paginator.count,
        "ports": list(page.object_list),
        "routers": sorted((all_routers[one] for one in joined), key=str),
    }


_IPV6: dict[str, StrOrPromise] = {
    "slaac": gettext_lazy("addresses by SLAAC"),
    "dhcpv6-stateful": gettext_lazy("addresses by DHCPv6"),
    "dhcpv6-stateless": gettext_lazy("addresses by SLAAC, other options by DHCPv6"),
}


def assignment(subnet: Subnet) -> StrOrPromise:
    """Say how servers in a subnet come to their addresses (neutron's ipv6_address_mode; IPv4: enable_dhcp)."""
    mode = subnet.ipv6_address_mode
    if subnet.ip_version == 6:
        return _IPV6.get(mode, mode) if mode else _("neither SLAAC nor DHCPv6 from the cloud")
    return _("addresses by DHCP") if subnet.dhcp else _("no DHCP")


def _menu(
    tenant: Tenant, network: Network, subnet: Subnet, inside: Sequence[Router], others: Sequence[Router]
) -> tuple[str, list[Action]] | None:
    """Return the id and the entries of a subnet's menu; None where the network is not the project's."""
    if not network.owned or network.external:
        return None
    return f"mu{subnet.pk}", buttons.of_subnet(tenant, subnet, inside, others)


def _next(tenant: Tenant, network: Network, subnets: Sequence[Subnet], others: Sequence[Router]) -> list[Action]:
    """List the next steps for a network of the project's that has no router."""
    if not network.owned or network.external or not subnets:
        return []
    return buttons.ways_for(tenant, subnets, others)


def _by_user_and_address(row: tuple[Port, str, str]) -> tuple[bool, str, list[str]]:
    """Sort by the name of what uses the port, unused ones last; then by address, with .9 before .10."""
    port, _kind, user = row
    address = port.fixed_ips[0]["address"] if port.fixed_ips else ""
    return (not user, user.casefold(), [part.zfill(4) for part in re.split("[.:]", address)])


def router_said(name: str) -> str:
    """ "router edge", and only "router" where it is called so."""
    return _("router") if name.casefold() == "router" else _("router %(name)s") % {"name": name}


def use_of(port: Port) -> str:
    """Name the use of a port that is no server's and no known router's."""
    if port.device_owner.startswith("network:dhcp"):
        return _("addresses by DHCP")
    if port.device_owner.startswith("network:floatingip"):
        return _("floating IP")
    return port.device_owner


def facts(network: Network) -> list[Fact]:
    """List the facts under the name."""
    origin = _("this project") if network.owned else _("another project")
    soft = _("external") if network.external else _("shared") if network.shared else ""
    return [
        Fact(_("From"), origin, soft=soft),
        Fact(_("MTU"), str(network.mtu) if network.mtu else "", missing=_("not stated")),
        detail.yes_no(_("Port security"), network.port_security),
        Fact(_("Admin state"), _("up") if network.admin_state_up else _("down")),
        detail.when(_("Created"), network.created_at),
        Fact(_("Id"), chip=network.external_id),
    ]


DETAIL = Detail(
    kind=NETWORKS,
    template="network/network.html",
    command="network show",
    context=context,
    buttons=buttons.head,
    more=buttons.more,
)
