"""The page that adds a subnet to a network."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from projects.pages.action_pages import About, ActionPage, Words
from services.network.networks.forms import AddressesForm
from services.network.networks.kind import NETWORKS


class CreateSubnetForm(AddressesForm):
    """One more subnet of the network `thing`."""

    action = "create-subnet"
    pairs = (("cidr", "gateway"),)
    field_order = ("name", "cidr", "gateway", "dns_servers", "dhcp")

    name = forms.CharField(label=gettext_lazy("Name"), max_length=255, required=False)

    def as_params(self, cleaned: Mapping[str, Any]) -> dict[str, Any]:
        return {**super().as_params(cleaned), "network_id": self.initial["thing"].external_id}


def words(about: About) -> Words:
    """Say what stands on the page."""
    return Words(
        title=_("Add a subnet to %(network)s") % {"network": about.thing},
        text=_("More addresses for its servers: a second range, or IPv6 beside IPv4."),
        button=_("Create subnet"),
    )


PAGE = ActionPage(kind=NETWORKS, path="subnets/create/", form=CreateSubnetForm, words=words)
