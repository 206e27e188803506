"""What is on the way from the internet to a server, and what has to be made: the plan that is told beforehand."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Protocol

from django.utils.translation import gettext as _

from portal.ui.commands import Command, new_name
from portal.ui.forms import Way
from projects.models import Tenant
from projects.operations.calling import called_rows
from projects.outcomes import Refusal, name_of
from services.network.floating_ips import targets
from services.network.floating_ips.targets import End
from services.network.models import FloatingIP, Network, Router, Subnet
from services.network.networks import addressing, lookups
from services.network.routers import routing

# Asks for a new floating IP, though there may be a free one.
NEW = "new"


class Wish(Protocol):
    """What the person has chosen; empty: whatever fits."""

    @property
    def server_id(self) -> str: ...
    @property
    def port_id(self) -> str: ...
    @property
    def fixed_address(self) -> str: ...
    @property
    def external_network_id(self) -> str: ...
    @property
    def router_id(self) -> str: ...
    @property
    def floating_ip_id(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Plan:
    """What is there, and what is made.

    `router` None: a new one of the name `new_router`. `gateway`: it is led to `outside`. `interface`: it is put into
    `subnet`. `floating` None: a new address. In a network of others (`foreign`) the way is theirs.
    """

    end: End
    network: Network
    subnet: Subnet
    outside: Network
    foreign: bool
    router: Router | None
    new_router: str
    gateway: bool
    interface: bool
    floating: FloatingIP | None

    @property
    def makes(self) -> list[str]:
        """What is made, in order: of router, gateway, interface, floating-ip."""
        parts = {
            "router": not self.foreign and self.router is None,
            "gateway": self.gateway,
            "interface": self.interface,
            "floating-ip": self.floating is None,
        }
        return [name for name, made in parts.items() if made]

    def commands(self) -> list[Command]:
        """Write what is made as commands."""
        lines: list[Command] = []
        server = self.end.server
        names = called_rows(server.tenant, [self.outside, self.subnet, server, *filter(None, [self.router])])
        outside, subnet = (name_of(names, one.external_id) for one in (self.outside, self.subnet))
        new = new_name(self.new_router, "ROUTER")
        router = name_of(names, self.router.external_id) if self.router else new
        if "router" in self.makes:
            lines.append(Command("router create", [("--external-gateway", outside)], [self.new_router]))
        if self.gateway:
            lines.append(Command("router set", [("--external-gateway", outside)], [router]))
        if self.interface:
            lines.append(Command("router add subnet", things=[router, subnet]))
        fixed = ("--fixed-ip-address", self.end.address)
        if self.floating is None:
            port = ("--port", self.end.port.external_id)
            return [*lines, Command("floating ip create", [port, fixed], [outside])]
        things = [name_of(names, server.external_id), self.floating.address]
        return [*lines, Command("server add floating ip", [fixed], things)]


class NoPlanError(Exception):
    """There is no way; `refusals` say why."""

    def __init__(self, *refusals: Refusal) -> None:
        super().__init__("; ".join(str(one.reason) for one in refusals))
        self.refusals = refusals


def plan_of(tenant: Tenant, wish: Wish, operation_id: str = "") -> Plan:
    """Plan from the inventory, or raise NoPlanError. `operation_id` is the operation that carries it out."""
    server = tenant.servers.filter(external_id=wish.server_id).first()
    if server is None:
        raise NoPlanError(Refusal("server_id", _("There is no such server here.")))
    end = targets.end_of(tenant, server, wish.port_id, wish.fixed_address)
    if end is None:
        raise NoPlanError(targets.no_end(server, wish.port_id, "server_id"))
    network, subnet = lookups.network_of(tenant, end.port.network_id), lookups.subnet_of(tenant, end.subnet_id)
    if network is None or subnet is None:
        said = _("%(location)s does not tell this project about the network of %(address)s.")
        words = {"location": tenant.location.name, "address": end.address}
        raise NoPlanError(Refusal("server_id", said % words))
    if against := list(_against(end, network)):
        raise NoPlanError(*against)
    foreign = not network.owned
    there = [] if foreign else lookups.routers_in(tenant, subnet)
    outside = _outside(tenant, wish, there)
    router = None if foreign else (there[0] if there else router_for(tenant, wish.router_id, subnet, outside))
    if not foreign and not there and (against := list(routing.connectable(tenant, router, subnet, "server_id"))):
        raise NoPlanError(*against)
    return Plan(
        end=end,
        network=network,
        subnet=subnet,
        outside=outside,
        foreign=foreign,
        router=router,
        new_router=f"{network}-router"[:255],
        gateway=router is not None and not router.external_network_id,
        interface=not foreign and not there,
        floating=_floating(tenant, wish, outside, operation_id),
    )


def _against(end: End, network: Network) -> Iterator[Refusal]:
    """Refuse what no router and no address could solve."""
    words = {"server": str(end.server), "network": str(network), "address": end.address}
    if network.external:
        said = _("%(server)s is in the external network %(network)s itself: %(address)s can be reached as it is.")
        yield Refusal("server_id", said % words)
    if floating := targets.led_to(end.server.tenant, end):
        said = _("%(server)s can be reached at %(floating)s already.") % {**words, "floating": floating.address}
        way = Way(_("See %(address)s") % {"address": floating.address}, url=lookups.page_of(floating))
        yield Refusal("server_id", said, [way])
    if not end.port.port_security:
        said = _(
            "Port security is off at %(address)s: no security group would stand before %(server)s, and all of the "
            "internet would reach every port of it. Switch it on first, or lead a floating IP there yourself."
        )
        yield Refusal("server_id", said % words)


def _outside(tenant: Tenant, wish: Wish, there: list[Router]) -> Network:
    """Choose the external network: that of the router, what was asked for, or the first that gives floating IPs."""
    networks = {one.external_id: one for one in lookups.external_networks(tenant)}
    if not networks:
        said = _("%(location)s has no external network. Its operator has to create one.")
        raise NoPlanError(Refusal("external_network_id", said % {"location": tenant.location.name}))
    leads = there[0].external_network_id if there else ""
    asked = wish.external_network_id
    if asked and asked not in networks:
        raise NoPlanError(Refusal("external_network_id", _("There is no such external network here.")))
    if asked and leads and asked != leads:
        words = {"router": str(there[0]), "outside": str(networks.get(leads, leads))}
        said = _("Its router %(router)s has its gateway in %(outside)s.") % words
        raise NoPlanError(Refusal("external_network_id", said))
    if leads and leads not in networks:
        words = {"router": str(there[0]), "location": tenant.location.name}
        said = _("%(location)s does not show this project the external network of its router %(router)s.")
        raise NoPlanError(Refusal("external_network_id", said % words))
    if not (leads or asked):
        return _first(tenant)
    chosen = networks[leads or asked]
    if lookups.without_ipv4(tenant, chosen):
        refused = lookups.gives_no_address(chosen, "external_network_id")
        ways = [Way(_("See the router that leads there"), url=lookups.page_of(there[0]))] if leads else []
        raise NoPlanError(replace(refused, ways=ways))
    return chosen


def _first(tenant: Tenant) -> Network:
    """Return the first external network that may give floating IPs."""
    usable = lookups.floating_networks(tenant)
    if not usable:
        said = _("No external network of %(location)s has IPv4 addresses, so no floating IP can come from one.")
        raise NoPlanError(Refusal("external_network_id", said % {"location": tenant.location.name}))
    return usable[0]


def router_for(tenant: Tenant, router_id: str, subnet: Subnet, outside: Network) -> Router | None:
    """Find a router of the project with that gateway and room for the subnet.

    NoPlanError when the one that was asked for is none of these.
    """
    rows = Router.objects.filter(tenant=tenant, external_network_id=outside.external_id).order_by("name", "external_id")
    if router_id:
        router = rows.filter(external_id=router_id).first()
        if router is None:
            said = _("There is no such router with a gateway in %(outside)s.") % {"outside": outside}
            raise NoPlanError(Refusal("router_id", said))
        return router
    for router in rows:
        joined = lookups.subnets_joined(tenant, router.external_id)
        if not any(addressing.overlap(subnet.cidr, one.cidr) for one in joined):
            return router
    return None


def _floating(tenant: Tenant, wish: Wish, outside: Network, operation_id: str) -> FloatingIP | None:
    """Choose the floating IP that was asked for, or a free one; None means a new one."""
    if wish.floating_ip_id == NEW:
        return None
    free = targets.free(tenant, outside.external_id, besides=operation_id)
    if not wish.floating_ip_id:
        return free[0] if free else None
    asked = next((one for one in free if one.external_id == wish.floating_ip_id), None)
    if asked is None:
        said = _("This floating IP is not free any more, or not of %(outside)s. Choose another one.")
        raise NoPlanError(Refusal("floating_ip_id", said % {"outside": outside}))
    return asked
