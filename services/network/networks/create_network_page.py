"""The page that creates a network: its addresses, and its way to the internet."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.ui.forms import Card, CardField, CardSelect
from projects.forms.base import ActionForm
from projects.models import Tenant
from projects.outcomes import Refusal
from projects.pages.action_pages import About, ActionPage, Words
from services.network.models import Network, Router
from services.network.networks import lookups
from services.network.networks.forms import AddressesForm
from services.network.networks.kind import NETWORKS

# The choices of internet access: "inside", "router <id>", "new <id of the external network>".
INSIDE, BY, NEW = "inside", "router ", "new "
# More than these stand in a select.
MOST_CARDS = 4


class CreateNetworkForm(AddressesForm):
    """A network with its first subnet, and its internet access."""

    action = "create-network"
    pairs = (("name", "description"), ("cidr", "gateway"))
    field_order = ("name", "description", "cidr", "gateway", "connect", "dns_servers", "dhcp")

    name = forms.CharField(label=gettext_lazy("Name"), max_length=255)
    description = forms.CharField(label=gettext_lazy("Description"), max_length=255, required=False)
    connect = CardField(label=gettext_lazy("Internet access"))

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
        """Show what is said of the router at the choice of the way."""
        field = "connect" if refusal.field in ("router_id", "external_network_id") else refusal.field
        super().refuse(Refusal(field, refusal.reason, refusal.ways))


def ways(tenant: Tenant) -> list[tuple[str, Card]]:
    """List how a new network may reach the internet, best first: by a router there is, by a new one, not at all."""
    outside = {one.external_id: one for one in lookups.external_networks(tenant)}
    routers = [
        (f"{BY}{router.external_id}", Card(_("By %(router)s") % {"router": router}, _leads(router, outside)))
        for router in Router.objects.filter(tenant=tenant).exclude(external_network_id="").order_by("name")
    ]
    new = [
        (
            f"{NEW}{network.external_id}",
            Card(_("By a new router"), _("Created too, with a gateway to %(outside)s") % {"outside": network}),
        )
        for network in outside.values()
    ]
    return [*routers, *new, (INSIDE, Card(_("Not now"), _("Servers can reach only each other")))]


def _leads(router: Router, outside: Mapping[str, Network]) -> str:
    words = {
        "outside": outside.get(router.external_network_id, router.external_network_id),
        "addresses": ", ".join(router.external_addresses),
    }
    if router.external_addresses:
        return _("To %(outside)s, as %(addresses)s") % words
    return _("To %(outside)s") % words


def words(about: About) -> Words:
    """Say what stands on the page."""
    said = _("In %(place)s. A network connects servers with each other, and through a router with the internet.")
    return Words(title=_("Create network"), text=said % {"place": about.place}, button=_button)


def _button(form: ActionForm) -> str:
    connect = str(form["connect"].value() or "")
    return _("Create network") if connect in ("", INSIDE) else _("Create and connect")


PAGE = ActionPage(kind=NETWORKS, path="create/", form=CreateNetworkForm, words=words, makes=True)
