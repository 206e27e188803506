"""The page of one floating IP: from outside to the server, as a line."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from projects.models import Tenant
from projects.pages import detail
from projects.pages.detail import Detail, Fact
from projects.pages.health import Wire
from services.compute.models import Server
from services.network.floating_ips import buttons
from services.network.floating_ips.kind import FLOATING_IPS
from services.network.models import FloatingIP, Network, Router
from services.network.networks.kind import NETWORKS


def context(_request: HttpRequest, tenant: Tenant, floating: FloatingIP) -> dict[str, Any]:
    """Collect its external network, its server and its router."""
    network = Network.objects.filter(tenant=tenant, external_id=floating.network_id).first()
    server = (
        Server.objects.filter(tenant=tenant, external_id=floating.server_id).first() if floating.server_id else None
    )
    router = (
        Router.objects.filter(tenant=tenant, external_id=floating.router_id).first() if floating.router_id else None
    )
    leads = Fact(_("Associated with"), floating.fixed_address, missing=_("nothing, the address is idle"))
    if server:
        leads = Fact(
            _("Associated with"),
            str(server),
            url=reverse("server", kwargs={"handle": tenant.handle, "external_id": server.external_id}),
        )
    from_network = Fact(_("From network"), floating.network_id)
    if network:
        from_network = Fact(_("From network"), str(network), url=NETWORKS.url_of(tenant.handle, network.external_id))
    return {
        "facts": [
            Fact(_("Address"), chips=(floating.address,)),
            leads,
            Fact(_("Fixed address"), chips=(floating.fixed_address,) if floating.fixed_address else ()),
            from_network,
            detail.when(_("Created"), floating.created_at),
            Fact(_("Id"), chip=floating.external_id),
        ],
        "server": server,
        "wires": way(floating, server, router),
    }


def way(floating: FloatingIP, server: Server | None, router: Router | None) -> list[Wire]:
    """Draw the path through the router to the server; cut where it is not associated."""
    if not floating.port_id:
        return [Wire("closes", floating.address, _("from outside"), _("nothing"), _("not associated"))]
    end = str(server) if server else floating.fixed_address
    small = floating.fixed_address if server else ""
    if router is None:
        return [Wire("ok", floating.address, _("from outside"), end, small)]
    return [
        Wire("ok", floating.address, _("from outside"), str(router), _("router")),
        Wire("ok", str(router), _("router"), end, small),
    ]


DETAIL = Detail(
    kind=FLOATING_IPS,
    template="network/floating_ip.html",
    command="floating ip show",
    context=context,
    title=lambda floating: floating.address,
    buttons=buttons.head,
    more=buttons.more,
)
