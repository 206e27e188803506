"""The page of one router: its gateway, and the networks that it joins."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from portal.ui import formats
from portal.ui.changing import Action
from projects.models import Tenant
from projects.pages.detail import Detail, Fact
from services.network.models import FloatingIP, Network, Port, Router, Subnet
from services.network.networks.buttons import disconnect
from services.network.networks.kind import NETWORKS
from services.network.networks.lookups import INTERFACE
from services.network.routers import buttons
from services.network.routers.kind import ROUTERS


def context(_request: HttpRequest, tenant: Tenant, router: Router) -> dict[str, Any]:
    """Collect the router's interfaces, with their networks and subnets by name."""
    names = dict(Network.objects.filter(tenant=tenant).values_list("external_id", "name"))
    ports = list(Port.objects.filter(INTERFACE, tenant=tenant, device_id=router.external_id))
    ids = {ip["subnet_id"] for port in ports for ip in port.fixed_ips}
    subnets = {subnet.external_id: subnet for subnet in Subnet.objects.filter(tenant=tenant, external_id__in=ids)}
    ports.sort(key=lambda port: (names.get(port.network_id, "").casefold(), port.pk))
    return {
        "facts": facts(tenant, router, names),
        "interfaces": [
            {
                "port": port,
                "network": names.get(port.network_id) or port.network_id,
                "addresses": [(ip["address"], subnets.get(ip["subnet_id"])) for ip in port.fixed_ips],
                "actions": _menu(tenant, router, [subnets.get(ip["subnet_id"]) for ip in port.fixed_ips]),
            }
            for port in ports
        ],
    }


def _menu(tenant: Tenant, router: Router, subnets: Iterable[Subnet | None]) -> list[Action]:
    """List what can be done with an interface: disconnect its subnets."""
    back = ROUTERS.url_of(tenant.handle, router.external_id)
    return [disconnect(tenant, router, subnet, back) for subnet in subnets if subnet is not None]


def facts(tenant: Tenant, router: Router, names: dict[str, str]) -> list[Fact]:
    """List the facts under the name."""
    outside = router.external_network_id
    addresses = tuple(router.external_addresses)
    through = FloatingIP.objects.filter(tenant=tenant, router_id=router.external_id).count()
    return [
        Fact(
            _("External network"),
            names.get(outside) or outside,
            url=NETWORKS.url_of(tenant.handle, outside) if outside in names else "",
            missing=_("none"),
        ),
        Fact(_("External address"), chips=addresses, missing=_("none")),
        Fact(_("Floating IPs"), formats.number(through), soft=_("use it")),
        Fact(_("Admin state"), _("up") if router.admin_state_up else _("down")),
        Fact(_("Id"), chip=router.external_id),
    ]


DETAIL = Detail(
    kind=ROUTERS,
    template="network/router.html",
    command="router show",
    context=context,
    buttons=buttons.head,
    more=buttons.more,
)
