"""What the forms of floating IPs share: the addresses of servers, as a choice."""

from django.utils.translation import gettext as _

from portal.ui.forms import Card
from portal.ui.status import status_of
from projects.models import Tenant
from services.compute.models import Server
from services.network.floating_ips import targets
from services.network.models import FloatingIP, Port


def ends(tenant: Tenant, outside: str) -> list[tuple[str, Card]]:
    """List the addresses of the project's servers, with why some can't have a floating IP of this network."""
    servers = list(Server.objects.filter(tenant=tenant))
    ways = targets.ways_of(tenant)
    taken = {(one.port_id, one.fixed_address): one for one in FloatingIP.objects.filter(tenant=tenant)}
    cards = []
    for end in targets.ends_of(tenant, servers):
        leads, there = ways.outside_of(end), taken.get((end.port.external_id, end.address))
        why = ""
        if there is not None:
            why = _("has %(address)s") % {"address": there.address}
        elif leads is not None and leads != outside:
            why = _("no router connects it")
        words = {"address": end.address, "network": ways.networks.get(end.port.network_id, "")}
        said = _("%(address)s on %(network)s") % words if words["network"] else end.address
        cards.append((end.key, Card(str(end.server), f"{said}, {_lower(end.server)}", why)))
    return cards


def _lower(server: Server) -> str:
    word = str(status_of("server", server.status).word)
    return word[:1].lower() + word[1:]


def end_said(key: str) -> dict[str, str]:
    """Make a chosen end into params; none where nothing is chosen."""
    port_id, _space, address = key.partition(" ")
    return {"port_id": port_id, "fixed_address": address} if address else {}


def server_of(tenant: Tenant, key: str) -> dict[str, str]:
    """Make a chosen end into params, with the server whose port it is."""
    said = end_said(key)
    port = Port.objects.filter(tenant=tenant, external_id=said["port_id"]).first() if said else None
    return {**said, "server_id": port.device_id if port else ""} if said else {}
