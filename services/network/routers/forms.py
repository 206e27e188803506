"""What the forms and pages of routers share: the router that they are about, and the subnets that it can join."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from portal.ui.forms import Card
from projects.forms.base import ActionForm
from projects.models import Tenant
from services.network.models import Network, Port, Router, Subnet
from services.network.networks import addressing, lookups


class OfRouter(ActionForm):
    """A form about the router `thing`."""

    @property
    def router(self) -> Router:
        """The router of the page."""
        router: Router = self.initial["thing"]
        return router

    def as_params(self, cleaned: Mapping[str, Any]) -> dict[str, Any]:
        return {**super().as_params(cleaned), "router_id": self.router.external_id}


def own_subnets(tenant: Tenant, router: Router | None) -> list[tuple[str, Card]]:
    """List the project's own subnets, those that the router can't join with the reason. None: a router to be made."""
    networks = dict(Network.objects.filter(tenant=tenant, owned=True).values_list("external_id", "name"))
    subnets = list(Subnet.objects.filter(tenant=tenant, network_id__in=networks).order_by("name", "cidr"))
    stands = {
        (ip["subnet_id"], ip["address"]): port.device_id
        for port in Port.objects.filter(tenant=tenant, network_id__in=networks)
        for ip in port.fixed_ips
    }
    names = {one.external_id: str(one) for one in Router.objects.filter(tenant=tenant)}
    joined = lookups.subnets_joined(tenant, router.external_id) if router else []
    cards = []
    for subnet in subnets:
        there = stands.get((subnet.external_id, subnet.gateway))
        why = _against(subnet, joined, None if there is None else names.get(there, ""))
        words = {"cidr": subnet.cidr, "network": networks[subnet.network_id] or subnet.network_id}
        text = _("%(cidr)s, in %(network)s") % words if subnet.name else _("in %(network)s") % words
        cards.append((subnet.external_id, Card(subnet.name or subnet.cidr, text, why)))
    return cards


def _against(subnet: Subnet, joined: Sequence[Subnet], there: str | None) -> str:
    """Say why a router in `joined` can't join the subnet. `there`: the router at its gateway, empty for another."""
    if not subnet.gateway:
        return _("It has no gateway address")
    if subnet.external_id in {one.external_id for one in joined}:
        return _("It is connected already")
    if there is not None:
        return _("Its router is %(router)s") % {"router": there} if there else _("Its gateway address is in use")
    other = next((one for one in joined if addressing.overlap(one.cidr, subnet.cidr)), None)
    return _("It overlaps with %(other)s") % {"other": other.name or other.cidr} if other else ""
