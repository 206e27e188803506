"""The page that creates a router: its external network, and its subnets."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.ui.forms import Card, CardField, CardSelect, ManyCardsField, Ticks
from projects.forms.base import ActionForm
from projects.pages.action_pages import About, ActionPage, Words
from services.network.networks import lookups
from services.network.routers.forms import own_subnets
from services.network.routers.kind import ROUTERS

INSIDE = "inside"


class CreateRouterForm(ActionForm):
    """Its name, its external network, and its subnets."""

    action = "create-router"

    name = forms.CharField(label=gettext_lazy("Name"), max_length=255)
    external_network_id = CardField(label=gettext_lazy("External network"))
    subnet_ids = ManyCardsField(label=gettext_lazy("Networks"), required=False, widget=Ticks)

    def prepare(self) -> None:
        outside = [
            (one.external_id, Card(str(one), _("Internet access, and floating IPs for access from outside")))
            for one in lookups.external_networks(self.tenant)
        ]
        inside = (INSIDE, Card(_("None"), _("Connects networks of the project with each other only")))
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


def words(about: About) -> Words:
    """Say what stands on the page."""
    said = _(
        "In %(place)s. A router connects networks with each other, and with the internet if it has an external gateway."
    )
    return Words(
        title=_("Create router"),
        text=said % {"place": about.place},
        button=_("Create router"),
        initial={"subnet_ids": about.request.GET.getlist("subnet_ids")},
    )


PAGE = ActionPage(kind=ROUTERS, path="create/", form=CreateRouterForm, words=words, makes=True)
