"""The page that associates a floating IP with a server: with which of its addresses."""

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
from services.network.floating_ips.one_floating_ip import leads_to
from services.network.models import FloatingIP


class AssociateFloatingIPForm(ActionForm):
    """The server's address for the floating IP `thing`."""

    action = "associate-floating-ip"

    end = CardField(label=gettext_lazy("Associated with"), widget=CardSelect)
    was = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)

    def prepare(self) -> None:
        floating: FloatingIP = self.initial["thing"]
        self.initial["was"] = floating.port_id
        self.choose("end", [("", _("Choose one")), *ends(self.tenant, floating.network_id)])
        self.fields["end"].help_text = _(
            "A server needs a router from its network to the external network of this address. Connect it first."
        )

    def as_params(self, cleaned: Mapping[str, Any]) -> dict[str, Any]:
        said = super().as_params(cleaned)
        floating: FloatingIP = self.initial["thing"]
        params = {"floating_ip_id": floating.external_id, "was_port_id": said.pop("was", "")}
        return {**params, **server_of(self.tenant, said.pop("end", ""))}


def words(about: About) -> Words:
    """Say what stands on the page."""
    floating: FloatingIP = about.thing
    server = leads_to(about.tenant, [floating]).get(floating.external_id, "")
    text = _("In %(place)s. The server can be reached at it within seconds, as far as its security groups allow.")
    if server:
        text = _("In %(place)s. %(server)s, which has it now, will no longer be reachable at this address.")
    return Words(
        title=_("Associate %(address)s with a server") % {"address": floating},
        text=text % {"place": about.place, "server": server},
        button=_("Associate"),
    )


PAGE = ActionPage(kind=FLOATING_IPS, path="associate/", form=AssociateFloatingIPForm, words=words)
