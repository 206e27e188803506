"""The page that allocates a floating IP: of which network, and for which server."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.ui.forms import CardField, CardSelect
from projects.forms.base import ActionForm
from projects.pages.action_pages import About, ActionPage, Words
from services.network.floating_ips.forms import ends, server_of
from services.network.floating_ips.kind import FLOATING_IPS
from services.network.networks import lookups


class AllocateFloatingIPForm(ActionForm):
    """Of which network, for what, and to which server."""

    action = "allocate-floating-ip"
    pairs = (("network_id", "description"),)

    network_id = CardField(label=gettext_lazy("From network"), widget=CardSelect)
    description = forms.CharField(label=gettext_lazy("Description"), max_length=255, required=False)
    end = CardField(label=gettext_lazy("Associated with"), required=False, widget=CardSelect)

    def prepare(self) -> None:
        networks = lookups.floating_networks(self.tenant)
        self.choose("network_id", [(one.external_id, str(one)) for one in networks])
        self.initial.setdefault("network_id", networks[0].external_id if networks else "")
        if not networks:
            said = _("%(place)s has no external network with IPv4 addresses. Its operator has to create one.")
            self.fields["network_id"].help_text = said % {"place": self.tenant.location.name}
        outside = self.said("network_id")
        self.choose("end", [("", _("No server for now")), *ends(self.tenant, outside)])

    def as_params(self, cleaned: Mapping[str, Any]) -> dict[str, Any]:
        said = super().as_params(cleaned)
        end = server_of(self.tenant, said.pop("end", ""))
        return {**said, **end}


def words(about: About) -> Words:
    """Say what stands on the page."""
    said = _("In %(place)s. A public address that the project keeps until you release it.")
    return Words(
        title=_("Allocate floating IP"),
        text=said % {"place": about.place},
        button=lambda form: _("Allocate and associate") if form["end"].value() else _("Allocate floating IP"),
    )


PAGE = ActionPage(kind=FLOATING_IPS, path="create/", form=AllocateFloatingIPForm, words=words, makes=True)
