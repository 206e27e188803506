"""The forms of networks and subnets."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.ui import formats
from portal.ui.forms import Card, CardField, CardSelect
from projects.forms.base import ActionForm
from projects.forms.confirming import NameAgainForm
from projects.forms.editing import Editing
from projects.models import Tenant
from projects.outcomes import Refusal
from services.network.models import Network, Router, Subnet
from services.network.networks import addressing
from services.network.networks import lookups as networking

# The choices of a way outside: "inside", "router <id>", "new <id of the external network>".
INSIDE, BY, NEW = "inside", "router ", "new "
# More than these stand in a select.
MOST_CARDS = 4


class AddressesForm(ActionForm):
    """The fields of a subnet's addresses."""

    cidr = forms.CharField(label=gettext_lazy("Addresses"), max_length=64)
    gateway = forms.CharField(label=gettext_lazy("Gateway"), max_length=64, required=False)
    dns_servers = forms.CharField(label=gettext_lazy("DNS servers"), max_length=500, required=False)
    dhcp = forms.BooleanField(
        label=gettext_lazy("Servers are given their addresses (DHCP)"), required=False, initial=True
    )

    def prepare(self) -> None:
        self.initial.setdefault("cidr", addressing.free_cidr(self.tenant))
        self.initial.setdefault("dns_servers", ", ".join(addressing.usual_dns(self.tenant)))
        cidr = self.said("cidr").strip()
        first = addressing.first_address(cidr)
        self.fields["cidr"].help_text = _room(cidr)
        self.fields["gateway"].widget.attrs["placeholder"] = first
        said = _("Where a router stands. Empty: %(address)s, the first one. “none” keeps routers out.")
        self.fields["gateway"].help_text = said % {"address": first} if first else ""
        self.fields["dns_servers"].help_text = _("What servers ask for names, with commas between.")

    def as_params(self, cleaned: Mapping[str, Any]) -> dict[str, Any]:
        said = super().as_params(cleaned)
        if "gateway" in said and said["gateway"].lower() in (addressing.AUTO, addressing.NONE):
            said["gateway"] = said["gateway"].lower()
        said["dns_servers"] = str(cleaned.get("dns_servers") or "").replace(",", " ").split()
        return said

    def refuse(self, refusal: Refusal) -> None:
        """The mode of IPv6 addresses has no field of its own."""
        field = "cidr" if refusal.field == "ipv6_mode" else refusal.field
        super().refuse(Refusal(field, refusal.reason, refusal.ways))


class CreateNetworkForm(AddressesForm):
    """A network with its first subnet, and the way outside."""

    action = "create-network"
    pairs = (("name", "description"), ("cidr", "gateway"))
    field_order = ("name", "description", "cidr", "gateway", "connect", "dns_servers", "dhcp")

    name = forms.CharField(label=gettext_lazy("Name"), max_length=255)
    description = forms.CharField(label=gettext_lazy("Description"), max_length=255, required=False)
    connect = CardField(label=gettext_lazy("Way to the internet"))

    def prepare(self) -> None:
        super().prepare()
        choices = ways(self.tenant)
        if len(choices) > MOST_CARDS:
            self.fields["connect"].widget = CardSelect()
        self.choose("connect", choices)
        self.initial.setdefault("connect", choices[0][0])

    def as_params(self, cleaned: Mapping[str, Any]) -> dict[str, Any]:
        said = super().as_params(cleaned)
        connect = said.pop("connect", INSIDE)
        if connect.startswith(BY):
            said["router_id"] = connect.removeprefix(BY)
        elif connect.startswith(NEW):
            said["external_network_id"] = connect.removeprefix(NEW)
        return said

    def refuse(self, refusal: Refusal) -> None:
        """The router stands in the choice of the way."""
        field = "connect" if refusal.field in ("router_id", "external_network_id") else refusal.field
        super().refuse(Refusal(field, refusal.reason, refusal.ways))


class CreateSubnetForm(AddressesForm):
    """One more subnet of the network `thing`."""

    action = "create-subnet"
    pairs = (("cidr", "gateway"),)
    field_order = ("name", "cidr", "gateway", "dns_servers", "dhcp")

    name = forms.CharField(label=gettext_lazy("Name"), max_length=255, required=False)

    def as_params(self, cleaned: Mapping[str, Any]) -> dict[str, Any]:
        return {**super().as_params(cleaned), "network_id": self.initial["thing"].external_id}


class EditNetworkForm(Editing):
    """A network's words."""

    action = "edit-network"
    param = "network_id"


class DeleteNetworkForm(NameAgainForm):
    """Confirms the end of a network."""

    action = "delete-network"

    def given(self) -> dict[str, Any]:
        return {"network_id": self.initial["thing"].external_id}


class DeleteSubnetForm(NameAgainForm):
    """Confirms the end of a subnet; where it has no name, its addresses are typed."""

    action = "delete-subnet"

    def expected(self) -> str:
        subnet: Subnet = self.initial["thing"]
        return subnet.name or subnet.cidr

    def given(self) -> dict[str, Any]:
        return {"subnet_id": self.initial["thing"].external_id}


def ways(tenant: Tenant) -> list[tuple[str, Card]]:
    """How a new network may come to the internet, the best one first: by a router that leads there, a new one, none."""
    outside = {one.external_id: one for one in networking.external_networks(tenant)}
    routers = [
        (f"{BY}{router.external_id}", Card(_("By %(router)s") % {"router": router}, _leads(router, outside)))
        for router in Router.objects.filter(tenant=tenant).exclude(external_network_id="").order_by("name")
    ]
    new = [
        (
            f"{NEW}{network.external_id}",
            Card(_("By a new router"), _("Made too, leads to %(outside)s") % {"outside": network}),
        )
        for network in outside.values()
    ]
    return [*routers, *new, (INSIDE, Card(_("Not now"), _("Servers reach each other only")))]


def _leads(router: Router, outside: Mapping[str, Network]) -> str:
    words = {
        "outside": outside.get(router.external_network_id, router.external_network_id),
        "addresses": ", ".join(router.external_addresses),
    }
    if router.external_addresses:
        return _("To %(outside)s, as %(addresses)s") % words
    return _("To %(outside)s") % words


def _room(cidr: str) -> str:
    """How many servers fit in: of the addresses, one is the gateway's, and of IPv4 the first and last are nobody's."""
    net = addressing.net_of(cidr)
    if net is None:
        return _("As its first address and its length: 10.0.4.0/24.")
    if net.version == 6:
        return _("Room for as many servers as you like.")
    return _("Room for %(n)s servers.") % {"n": formats.number(max(0, net.num_addresses - 3))}
