"""The forms of routers."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.ui.forms import Card, CardField, CardSelect, ManyCardsField, Ticks
from projects.forms.base import ActionForm
from projects.forms.confirming import ConfirmForm, NameAgainForm
from projects.models import Tenant
from services.network.models import Network, Port, Router, Subnet
from services.network.networks import addressing
from services.network.networks import lookups as networking

INSIDE = "inside"


class CreateRouterForm(ActionForm):
    """Its name, where it leads, and the subnets that it joins."""

    action = "create-router"

    name = forms.CharField(label=gettext_lazy("Name"), max_length=255)
    external_network_id = CardField(label=gettext_lazy("Leads to"))
    subnet_ids = ManyCardsField(label=gettext_lazy("Joins"), required=False, widget=Ticks)

    def prepare(self) -> None:
        outside = [
            (one.external_id, Card(str(one), _("To the world outside, and back in by floating IPs")))
            for one in networking.external_networks(self.tenant)
        ]
        inside = (INSIDE, Card(_("Nowhere"), _("It joins networks of the project with each other")))
        if len(outside) > 3:
            self.fields["external_network_id"].widget = CardSelect()
        self.choose("external_network_id", [*outside, inside])
        self.initial.setdefault("external_network_id", outside[0][0] if outside else INSIDE)
        subnets = own_subnets(self.tenant, None)
        if subnets:
            self.choose("subnet_ids", subnets)
        else:
            del self.fields["subnet_ids"]

    def as_params(self, cleaned: Mapping[str, Any]) -> dict[str, Any]:
        said = super().as_params(cleaned)
        if said.get("external_network_id") == INSIDE:
            del said["external_network_id"]
        return said


class OfRouter(ActionForm):
    """A form about the router `thing`."""

    @property
    def router(self) -> Router:
        """The router of the page."""
        router: Router = self.initial["thing"]
        return router

    def as_params(self, cleaned: Mapping[str, Any]) -> dict[str, Any]:
        return {**super().as_params(cleaned), "router_id": self.router.external_id}


class SetRouterGatewayForm(OfRouter):
    """Where a router leads."""

    action = "set-router-gateway"

    external_network_id = CardField(label=gettext_lazy("Leads to"))

    def prepare(self) -> None:
        networks = list(networking.external_networks(self.tenant))
        if len(networks) > 4:
            self.fields["external_network_id"].widget = CardSelect()
        now, there = self.router.external_network_id, _("It leads there already.")
        self.choose(
            "external_network_id",
            [(one.external_id, Card(str(one), "", there if one.external_id == now else "")) for one in networks],
        )
        self.initial.setdefault(
            "external_network_id", next((one.external_id for one in networks if one.external_id != now), "")
        )


class ConnectSubnetForm(OfRouter):
    """Which subnet joins a router."""

    action = "connect-subnet"

    subnet_id = CardField(label=gettext_lazy("Subnet"), widget=CardSelect)

    def prepare(self) -> None:
        self.choose("subnet_id", [("", _("Choose one")), *own_subnets(self.tenant, self.router)])


class ClearRouterGatewayForm(ConfirmForm):
    """Confirms that a router stays inside. Nothing is typed: it can be led outside again."""

    action = "clear-router-gateway"

    def given(self) -> dict[str, Any]:
        return {"router_id": self.initial["thing"].external_id}


class DeleteRouterForm(NameAgainForm):
    """Confirms the end of a router."""

    action = "delete-router"

    def given(self) -> dict[str, Any]:
        return {"router_id": self.initial["thing"].external_id}


def own_subnets(tenant: Tenant, router: Router | None) -> list[tuple[str, Card]]:
    """The project's own subnets, those that the router can't join with the reason. None: a router to be made."""
    networks = dict(Network.objects.filter(tenant=tenant, owned=True).values_list("external_id", "name"))
    subnets = list(Subnet.objects.filter(tenant=tenant, network_id__in=networks).order_by("name", "cidr"))
    stands = {
        (ip["subnet_id"], ip["address"]): port.device_id
        for port in Port.objects.filter(tenant=tenant, network_id__in=networks)
        for ip in port.fixed_ips
    }
    names = {one.external_id: str(one) for one in Router.objects.filter(tenant=tenant)}
    joined = networking.subnets_joined(tenant, router.external_id) if router else []
    cards = []
    for subnet in subnets:
        there = stands.get((subnet.external_id, subnet.gateway))
        why = _against(subnet, joined, None if there is None else names.get(there, ""))
        words = {"cidr": subnet.cidr, "network": networks[subnet.network_id] or subnet.network_id}
        text = _("%(cidr)s, in %(network)s") % words if subnet.name else _("in %(network)s") % words
        cards.append((subnet.external_id, Card(subnet.name or subnet.cidr, text, why)))
    return cards


def _against(subnet: Subnet, joined: Sequence[Subnet], there: str | None) -> str:
    """Why a router in `joined` can't join the subnet, short. `there`: the router at its gateway, empty for another."""
    if not subnet.gateway:
        return _("It has no gateway address")
    if subnet.external_id in {one.external_id for one in joined}:
        return _("It is connected already")
    if there is not None:
        return _("Its router is %(router)s") % {"router": there} if there else _("Its gateway address is in use")
    other = next((one for one in joined if addressing.overlap(one.cidr, subnet.cidr)), None)
    return _("It overlaps with %(other)s") % {"other": other.name or other.cidr} if other else ""
