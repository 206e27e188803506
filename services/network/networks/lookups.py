"""What the actions on networks, routers and floating IPs look up, and the words for what is in the way."""

from collections.abc import Iterable, Iterator, Sequence

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from portal.ui.forms import Way
from projects.kinds import of_model
from projects.models import Resource, Tenant
from projects.outcomes import Refusal
from services.compute.models import Server
from services.network.models import FloatingIP, Network, Port, Router, Subnet
from services.network.networks import addressing

# The ports by which a router joins a network: of plain and distributed routers, and of those on several hosts.
INTERFACE = Q(device_owner__startswith="network:router_interface") | Q(
    device_owner="network:ha_router_replicated_interface"
)
# Ports that Neutron makes for itself in a network, and takes away with it (constants: AUTO_DELETE_PORT_OWNERS).
_ITS_OWN = ("network:dhcp", "network:distributed")
# So many things are named in a sentence; the others are counted.
NAMED = 3


def is_interface(device_owner: str) -> bool:
    """Tell whether it is an INTERFACE, for a port at hand."""
    return (
        device_owner.startswith("network:router_interface") or device_owner == "network:ha_router_replicated_interface"
    )


def is_own(device_owner: str) -> bool:
    """Tell whether the port is one that Neutron takes away with its network."""
    return device_owner in _ITS_OWN


def network_of(tenant: Tenant, network_id: str) -> Network | None:
    """Find the network in the inventory."""
    return Network.objects.filter(tenant=tenant, external_id=network_id).first()


def subnet_of(tenant: Tenant, subnet_id: str) -> Subnet | None:
    """Find the subnet in the inventory."""
    return Subnet.objects.filter(tenant=tenant, external_id=subnet_id).first()


def router_of(tenant: Tenant, router_id: str) -> Router | None:
    """Find the router in the inventory."""
    return Router.objects.filter(tenant=tenant, external_id=router_id).first()


def external_networks(tenant: Tenant) -> "QuerySet[Network]":
    """Return the external networks, which have gateways and floating IPs."""
    return Network.objects.filter(tenant=tenant, external=True).order_by("name", "external_id")


def without_ipv4(tenant: Tenant, network: Network) -> bool:
    """Tell whether the network is known to have no IPv4 subnet, so that no floating IP can come from it.

    Clouds show their members the subnets of an external network by their ids alone: of those nothing is known.
    """
    if network.subnet_ids is None:
        return False
    shown = dict(
        Subnet.objects.filter(tenant=tenant, network_id=network.external_id).values_list("external_id", "ip_version")
    )
    return all(shown.get(id_) == 6 for id_ in network.subnet_ids)


def floating_networks(tenant: Tenant) -> list[Network]:
    """List the external networks that may give floating IPs."""
    return [one for one in external_networks(tenant) if not without_ipv4(tenant, one)]


def gives_no_address(network: Network, field: str) -> Refusal:
    """Refuse an external network without IPv4 addresses."""
    said = _("%(network)s has no IPv4 addresses, so no floating IP can come from it.")
    return Refusal(field, said % {"network": network})


def interfaces(tenant: Tenant) -> "QuerySet[Port]":
    """Return the interfaces of the project's routers."""
    return Port.objects.filter(INTERFACE, tenant=tenant)


def subnets_joined(tenant: Tenant, router_id: str) -> list[Subnet]:
    """List the subnets that the router is connected to."""
    ids = {ip["subnet_id"] for port in interfaces(tenant).filter(device_id=router_id) for ip in port.fixed_ips}
    return list(Subnet.objects.filter(tenant=tenant, external_id__in=ids))


def routers_in(tenant: Tenant, subnet: Subnet) -> list[Router]:
    """List the project's routers that are connected to the subnet."""
    ports = [port for port in interfaces(tenant).filter(network_id=subnet.network_id) if in_subnet(port, subnet)]
    return list(Router.objects.filter(tenant=tenant, external_id__in={port.device_id for port in ports}))


def in_subnet(port: Port, subnet: Subnet) -> bool:
    """Tell whether the port has an address of the subnet."""
    return any(ip["subnet_id"] == subnet.external_id for ip in port.fixed_ips)


def through(tenant: Tenant, router_id: str, subnets: Iterable[Subnet] | None = None) -> list[FloatingIP]:
    """List the floating IPs that use the router, for any subnet or for these."""
    found = list(FloatingIP.objects.filter(tenant=tenant, router_id=router_id).order_by("address"))
    if subnets is None:
        return found
    return [one for one in found if any(addressing.overlap(subnet.cidr, one.fixed_address) for subnet in subnets)]


def named(things: Sequence[object]) -> str:
    """Join names in a sentence: "web-01, web-02 and 3 more"."""
    names = ", ".join(str(one) for one in things[:NAMED])
    if len(things) > NAMED:
        return _("%(names)s and %(n)d more") % {"names": names, "n": len(things) - NAMED}
    return names


def page_of(thing: Resource) -> str:
    """Return the address of the thing's page; a subnet stands on its network's."""
    page, id_ = (Network, thing.network_id) if isinstance(thing, Subnet) else (type(thing), thing.external_id)
    kind = of_model(page)
    return kind.url_of(thing.tenant.handle, id_) if kind else ""


def no_subnet(field: str = "subnet_id") -> Refusal:
    """Refuse: there is no such subnet."""
    return Refusal(field, _("There is no such subnet here."))


def not_ours(network: Network, field: str = "network_id") -> Iterator[Refusal]:
    """Say why a network of others can't be changed from this project."""
    if network.external:
        said = _("%(network)s is the operator's external network. You can use it, but not change it.")
        yield Refusal(field, said % {"network": network})
    elif not network.owned:
        said = _("%(network)s belongs to another project, which shares it. You can use it, but not change it.")
        yield Refusal(field, said % {"network": network})


def in_the_way(network: Network, subnet: Subnet | None = None, field: str = "network_id") -> Iterator[Refusal]:
    """Refuse where servers or other ports are in a network, or in one subnet of it."""
    tenant = network.tenant
    ports = [
        port
        for port in Port.objects.filter(tenant=tenant, network_id=network.external_id)
        if not (is_interface(port.device_owner) or is_own(port.device_owner))
        and (subnet is None or in_subnet(port, subnet))
    ]
    ids = {port.device_id for port in ports if port.device_id}
    servers = list(Server.objects.filter(tenant=tenant, external_id__in=ids).order_by("name", "external_id"))
    words = {"place": str(subnet or network)}
    if servers:
        said = _("%(servers)s is in %(place)s. Delete it first, or take it out of the network.")
        if len(servers) > 1:
            said = _("%(servers)s are in %(place)s. Delete them first, or take them out of the network.")
        way = Way(_("See who is in it"), url=f"{page_of(network)}#por")
        yield Refusal(field, said % {**words, "servers": named(servers)}, [way])
    known = {server.external_id for server in servers}
    if others := [port for port in ports if port.device_id not in known]:
        addresses = [ip["address"] for port in others for ip in port.fixed_ips] or [port.external_id for port in others]
        said = _("A port without a server is in %(place)s (%(addresses)s). Delete it first: openstack port delete.")
        yield Refusal(field, said % {**words, "addresses": named(addresses)})


def leads_in(floating: Sequence[FloatingIP], router: Router, field: str) -> Iterator[Refusal]:
    """Refuse where floating IPs use the router."""
    if floating:
        words = {"addresses": named([one.address for one in floating]), "router": str(router)}
        said = _("%(addresses)s uses %(router)s. Disassociate it first.")
        if len(floating) > 1:
            said = _("%(addresses)s use %(router)s. Disassociate them first.")
        url = page_of(floating[0])
        if len(floating) > 1:
            url = f"{reverse('floating-ips', kwargs={'handle': router.tenant.handle})}?use=in-use"
        yield Refusal(field, said % words, [Way(_("See their associations"), url=url)])
