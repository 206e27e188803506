"""The buttons and menus of networks and subnets, from what a row itself says.

They ask no database. What only other rows tell (a server in the network, a floating IP that leads through) the page
behind the button says.
"""

from collections.abc import Iterable, Sequence
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from portal.ui.changing import Action
from projects.models import Tenant
from projects.pages.acting import button_url
from services.network.models import Network, Router, Subnet
from services.network.networks.kind import NETWORKS

# So many routers are offered as buttons.
MOST_WAYS = 3


def create_network(tenant: Tenant) -> Action:
    """Lead to the form of a new one."""
    return Action(_("Create network"), reverse("create-network", kwargs={"handle": tenant.handle}), "plus")


def menu(tenant: Tenant, network: Network) -> list[Action]:
    """List everything that can be done with a network."""
    here, why = {"handle": tenant.handle, "external_id": network.external_id}, _theirs(network)
    return [
        Action(_("Add a subnet"), reverse("create-subnet", kwargs=here), "plus", blocked=why),
        Action(_("Rename"), reverse("edit-network", kwargs=here), "pencil", blocked=why),
        Action(_("Delete"), reverse("delete-network", kwargs=here), "trash-2", danger=True, blocked=why),
    ]


def head(tenant: Tenant, network: Network) -> list[Action]:
    """List what stands in the head of its page."""
    return [] if _theirs(network) else menu(tenant, network)[:1]


def more(tenant: Tenant, network: Network) -> list[Action]:
    """List what stands behind the dots of its page."""
    return [] if _theirs(network) else menu(tenant, network)[1:]


def of_subnet(tenant: Tenant, subnet: Subnet, inside: Sequence[Router], others: Iterable[Router]) -> list[Action]:
    """List what can be done with a subnet that the routers `inside` are in, and `others` are not."""
    back = NETWORKS.url_of(tenant.handle, subnet.network_id)
    found = [disconnect(tenant, router, subnet, back) for router in inside]
    if not inside and subnet.gateway:
        found += [_connect(tenant, router, subnet, back) for router in others]
    here = {"handle": tenant.handle, "external_id": subnet.network_id, "subnet_id": subnet.external_id}
    return [*found, Action(_("Delete"), reverse("delete-subnet", kwargs=here), "trash-2", danger=True)]


def ways_for(tenant: Tenant, subnets: Iterable[Subnet], routers: Sequence[Router]) -> list[Action]:
    """List how subnets without a router reach the internet: by a router with a gateway, or a new one."""
    found = [
        _connect(tenant, router, subnet, NETWORKS.url_of(tenant.handle, subnet.network_id))
        for subnet in subnets
        for router in routers
        if subnet.gateway and router.external_network_id
    ]
    ids = [("subnet_ids", subnet.external_id) for subnet in subnets if subnet.gateway]
    url = reverse("create-router", kwargs={"handle": tenant.handle})
    return [*found[:MOST_WAYS], Action(_("Create a router"), f"{url}?{urlencode(ids)}", "plus")]


def disconnect(tenant: Tenant, router: Router, subnet: Subnet, back: str) -> Action:
    """Take the router out of the subnet, at once: Undo puts it back."""
    ids = {"router_id": router.external_id, "subnet_id": subnet.external_id}
    label = _("Disconnect from %(router)s") % {"router": router}
    return Action(label, button_url(tenant, "disconnect-subnet", back, **ids), "unplug", post=True)


def _connect(tenant: Tenant, router: Router, subnet: Subnet, back: str) -> Action:
    ids = {"router_id": router.external_id, "subnet_id": subnet.external_id}
    label = _("Connect to %(router)s") % {"router": router}
    return Action(label, button_url(tenant, "connect-subnet", back, **ids), "plug", post=True)


def _theirs(network: Network) -> str:
    if network.external:
        return _("It is the operator's external network.")
    return "" if network.owned else _("It belongs to another project.")
