"""What a floating IP can be associated with, as far as the inventory knows."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from portal.ui.forms import Way
from projects.models import OperationTarget, Tenant
from projects.models.operation import OPEN
from projects.outcomes import Refusal
from services.compute.models import Server
from services.network.models import FloatingIP, Network, Port, Router
from services.network.networks import lookups


@dataclass(frozen=True, slots=True)
class End:
    """An IPv4 address of a server, with which a floating IP can be associated."""

    server: Server
    port: Port
    subnet_id: str
    address: str

    @property
    def key(self) -> str:
        """As a form names it."""
        return f"{self.port.external_id} {self.address}"


def ends_of(tenant: Tenant, servers: Sequence[Server]) -> list[End]:
    """List the ends of these servers, each server's in the order of its addresses."""
    ports: dict[str, list[Port]] = {}
    for port in Port.objects.filter(tenant=tenant, device_id__in=[server.external_id for server in servers]):
        ports.setdefault(port.device_id, []).append(port)
    found = []
    for server in servers:
        order = {one["address"]: place for place, one in enumerate(server.addresses)}
        mine = [
            End(server, port, ip["subnet_id"], ip["address"])
            for port in ports.get(server.external_id, [])
            for ip in port.fixed_ips
            if ":" not in ip["address"]
        ]
        found += sorted(mine, key=lambda end: (order.get(end.address, len(order)), end.port.pk))
    return found


def end_of(tenant: Tenant, server: Server, port_id: str, fixed_address: str) -> End | None:
    """Find the end that was asked for; without a port the server's first one."""
    for end in ends_of(tenant, [server]):
        if port_id in ("", end.port.external_id) and fixed_address in ("", end.address):
            return end
    return None


def no_end(server: Server, port_id: str, field: str) -> Refusal:
    """Say why no floating IP can be associated with the server."""
    if port_id:
        return Refusal(field, _("%(server)s has no such address.") % {"server": server})
    said = _("%(server)s has no IPv4 address, which a floating IP needs.")
    return Refusal(field, said % {"server": server})


def led_to(tenant: Tenant, end: End) -> FloatingIP | None:
    """Find the floating IP that is associated with the end already."""
    there = FloatingIP.objects.filter(tenant=tenant, port_id=end.port.external_id)
    return there.filter(fixed_address__in=("", end.address)).first()


@dataclass(frozen=True, slots=True)
class Ways:
    """Which subnets have a router of the project's, and its external network. Read once for all the ends of a form."""

    routers: Mapping[str, Router]
    networks: Mapping[str, Network]

    def outside_of(self, end: End) -> str | None:
        """Return the external network of the end's router; empty where there is none.

        None where it can't be known: the network is another project's, whose routers it keeps to itself.
        """
        network = self.networks.get(end.port.network_id)
        if network is not None and not network.owned and not network.external:
            return None
        router = self.routers.get(end.subnet_id)
        return router.external_network_id if router else ""


def ways_of(tenant: Tenant) -> Ways:
    """Read the ways of a tenant's subnets (three queries)."""
    routers = {router.external_id: router for router in Router.objects.filter(tenant=tenant)}
    by_subnet = {
        ip["subnet_id"]: routers[port.device_id]
        for port in lookups.interfaces(tenant)
        for ip in port.fixed_ips
        if port.device_id in routers
    }
    return Ways(by_subnet, {one.external_id: one for one in Network.objects.filter(tenant=tenant)})


def unreachable(end: End, floating: FloatingIP, field: str) -> Iterator[Refusal]:
    """Say why a floating IP can't be associated with an end now."""
    tenant = end.server.tenant
    words = {"floating": floating.address, "server": str(end.server), "address": end.address}
    if (floating.port_id, floating.fixed_address) == (end.port.external_id, end.address):
        yield Refusal(field, _("%(floating)s is already associated with %(server)s.") % words)
        return
    other = led_to(tenant, end)
    if other is not None and other.pk != floating.pk:
        said = _("%(address)s of %(server)s has a floating IP already: %(other)s.")
        way = Way(_("See %(address)s") % {"address": other.address}, url=lookups.page_of(other))
        yield Refusal(field, said % {**words, "other": other.address}, [way])
    outside = ways_of(tenant).outside_of(end)
    if outside is not None and outside != floating.network_id:
        said = _("No router connects %(server)s to the external network of %(floating)s.")
        here = {"handle": tenant.handle, "external_id": end.server.external_id}
        way = Way(_("Connect it to the internet"), url=reverse("connect-server", kwargs=here))
        yield Refusal(field, said % words, [] if outside else [way])


def free(tenant: Tenant, network_id: str = "", besides: str = "") -> list[FloatingIP]:
    """List the floating IPs that are not associated, and that no open operation other than `besides` has chosen."""
    targets = OperationTarget.objects.filter(kind="floatingip", operation__tenant=tenant, operation__state__in=OPEN)
    chosen = targets.exclude(operation=besides).values("external_id")
    rows = FloatingIP.objects.filter(tenant=tenant, port_id="").exclude(external_id__in=chosen).order_by("address")
    return list(rows.filter(network_id=network_id) if network_id else rows)
