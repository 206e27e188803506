"""The buttons and menus of networks, subnets, routers and floating IPs, from what a row itself says.

They ask no database. What only other rows tell (a server in the network, a floating IP that leads through) the page
behind the button says.
"""

from collections.abc import Iterable, Sequence
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from portal.ui.changing import Action
from projects.models import Tenant
from projects.pages.acting import button_url
from projects.pages.detail import Fact
from services.compute.models import Server
from services.network.models import FloatingIP, Network, Router, Subnet

# So many routers are offered as buttons.
MOST_WAYS = 3


def create_network(tenant: Tenant) -> Action:
    """To the form of a new one."""
    return Action(_("Create network"), f"/{tenant.handle}/networks/create/", "plus")


def create_router(tenant: Tenant) -> Action:
    """To the form of a new one."""
    return Action(_("Create router"), f"/{tenant.handle}/routers/create/", "plus")


def allocate_floating_ip(tenant: Tenant) -> Action:
    """To the form of a new one."""
    return Action(_("Allocate floating IP"), f"/{tenant.handle}/floating-ips/create/", "plus")


def of_network(tenant: Tenant, network: Network) -> list[Action]:
    """Everything that can be done with a network."""
    page, why = f"/{tenant.handle}/networks/{network.external_id}/", _theirs(network)
    return [
        Action(_("Add a subnet"), f"{page}subnets/create/", "plus", blocked=why),
        Action(_("Rename"), f"{page}edit/", "pencil", blocked=why),
        Action(_("Delete"), f"{page}delete/", "trash-2", danger=True, blocked=why),
    ]


def buttons_of_network(tenant: Tenant, network: Network) -> list[Action]:
    """The head of its page."""
    return [] if _theirs(network) else of_network(tenant, network)[:1]


def more_of_network(tenant: Tenant, network: Network) -> list[Action]:
    """What stands behind the dots of its page."""
    return [] if _theirs(network) else of_network(tenant, network)[1:]


def of_subnet(tenant: Tenant, subnet: Subnet, inside: Sequence[Router], others: Iterable[Router]) -> list[Action]:
    """What can be done with a subnet that the routers `inside` are in, and `others` are not."""
    back = f"/{tenant.handle}/networks/{subnet.network_id}/"
    found = [disconnect(tenant, router, subnet, back) for router in inside]
    if not inside and subnet.gateway:
        found += [_connect(tenant, router, subnet, back) for router in others]
    url = f"{back}subnets/{subnet.external_id}/delete/"
    return [*found, Action(_("Delete"), url, "trash-2", danger=True)]


def ways_for(tenant: Tenant, subnets: Iterable[Subnet], routers: Sequence[Router]) -> list[Action]:
    """How subnets without a router come to the world: by a router that leads there, or a new one."""
    back = f"/{tenant.handle}/networks/"
    found = [
        _connect(tenant, router, subnet, f"{back}{subnet.network_id}/")
        for subnet in subnets
        for router in routers
        if subnet.gateway and router.external_network_id
    ]
    ids = [("subnet_ids", subnet.external_id) for subnet in subnets if subnet.gateway]
    new = Action(_("Create a router"), f"/{tenant.handle}/routers/create/?{urlencode(ids)}", "plus")
    return [*found[:MOST_WAYS], new]


def disconnect(tenant: Tenant, router: Router, subnet: Subnet, back: str) -> Action:
    """Takes the router out of the subnet, at once: Undo puts it back."""
    ids = {"router_id": router.external_id, "subnet_id": subnet.external_id}
    label = _("Disconnect from %(router)s") % {"router": router}
    return Action(label, button_url(tenant, "disconnect-subnet", back, **ids), "unplug", post=True)


def _connect(tenant: Tenant, router: Router, subnet: Subnet, back: str) -> Action:
    ids = {"router_id": router.external_id, "subnet_id": subnet.external_id}
    label = _("Connect to %(router)s") % {"router": router}
    return Action(label, button_url(tenant, "connect-subnet", back, **ids), "plug", post=True)


def of_router(tenant: Tenant, router: Router) -> list[Action]:
    """Everything that can be done with a router."""
    return [*buttons_of_router(tenant, router), *more_of_router(tenant, router)]


def buttons_of_router(tenant: Tenant, router: Router) -> list[Action]:
    """The head of its page."""
    page = f"/{tenant.handle}/routers/{router.external_id}/"
    found = [Action(_("Connect a subnet"), f"{page}connect/", "plug")]
    if not router.external_network_id:
        found.append(Action(_("Lead outside"), f"{page}gateway/", "globe"))
    return found


def more_of_router(tenant: Tenant, router: Router) -> list[Action]:
    """What stands behind the dots of its page."""
    page = f"/{tenant.handle}/routers/{router.external_id}/"
    found = []
    if router.external_network_id:
        found.append(Action(_("Lead elsewhere"), f"{page}gateway/", "globe"))
        found.append(Action(_("Close the way outside"), f"{page}close/", "unplug"))
    return [*found, Action(_("Delete"), f"{page}delete/", "trash-2", danger=True)]


def of_floating_ip(tenant: Tenant, floating: FloatingIP) -> list[Action]:
    """Everything that can be done with a floating IP."""
    back = f"/{tenant.handle}/floating-ips/"
    return [*_leading(tenant, floating, back), *more_of_floating_ip(tenant, floating)]


def buttons_of_floating_ip(tenant: Tenant, floating: FloatingIP) -> list[Action]:
    """The head of its page."""
    return _leading(tenant, floating, f"/{tenant.handle}/floating-ips/{floating.external_id}/")


def more_of_floating_ip(tenant: Tenant, floating: FloatingIP) -> list[Action]:
    """What stands behind the dots of its page."""
    url = f"/{tenant.handle}/floating-ips/{floating.external_id}/release/"
    return [Action(_("Release"), url, "trash-2", danger=True)]


def _leading(tenant: Tenant, floating: FloatingIP, back: str) -> list[Action]:
    url = f"/{tenant.handle}/floating-ips/{floating.external_id}/associate/"
    if not floating.port_id:
        return [Action(_("Lead to a server"), url, "plug")]
    return [Action(_("Lead to another server"), url, "plug"), disassociate(tenant, floating, back)]


def disassociate(tenant: Tenant, floating: FloatingIP, back: str) -> Action:
    """Takes the address off its server, at once: Undo leads it there again."""
    ids = {"floating_ip_id": floating.external_id, "was_port_id": floating.port_id}
    return Action(_("Disassociate"), button_url(tenant, "disassociate-floating-ip", back, **ids), "unplug", post=True)


def connect_server(handle: str, server: Server) -> Action:
    """To the page that connects a server to the internet, for the menus of its row and its page.

    What a row does not say, the page says: an address may be missing, or one may lead there already.
    """
    blocked = ""
    floating = [one["address"] for one in server.addresses if one["type"] == "floating"]
    if floating and len(floating) == sum(one["type"] != "floating" and one["version"] == 4 for one in server.addresses):
        blocked = _("It can be reached at %(address)s.") % {"address": floating[0]}
    return Action(_("Connect to the internet"), connect_url(handle, server), "globe", blocked=blocked)


def floating_fact(tenant: Tenant, server: Server) -> Fact:
    """The floating IPs of a server, beside its other facts; without any, the way to the page that connects it."""
    floating = tuple(one["address"] for one in server.addresses if one["type"] == "floating")
    if floating:
        return Fact(_("Floating IP"), chips=floating)
    url = connect_url(tenant.handle, server)
    return Fact(_("Floating IP"), _("Connect to the internet"), url=url, missing=_("none"), offers=True)


def connect_url(handle: str, server: Server) -> str:
    """The address of that page."""
    return f"/{handle}/servers/{server.external_id}/connect/"


def _theirs(network: Network) -> str:
    if network.external:
        return _("It is the operator's way outside.")
    return "" if network.owned else _("It belongs to another project.")
