"""The form that connects a server to the internet: what to use on the way, where there is something to choose."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.ui.forms import Card, CardField, CardSelect
from projects.forms.base import ActionForm
from projects.outcomes import Refusal
from services.compute.models import Server
from services.compute.servers import connect_server
from services.network.floating_ips import targets
from services.network.floating_ips.forms import end_said
from services.network.floating_ips.targets import End
from services.network.networks import lookups
from services.network.routers import internet_plan
from services.network.routers.internet_plan import NEW, Plan


class ConnectServerForm(ActionForm):
    """What to use on the way to the server `thing`. Where there is nothing to choose, nothing is asked."""

    action = "connect-server"

    end = CardField(label=gettext_lazy("Address of the server"), widget=CardSelect)
    external_network_id = CardField(label=gettext_lazy("Network outside"), required=False, widget=CardSelect)
    floating_ip_id = CardField(label=gettext_lazy("Floating IP"), widget=CardSelect)

    def prepare(self) -> None:
        server: Server = self.initial["thing"]
        ends = targets.ends_of(self.tenant, [server])
        self.choose("end", [("", _("Choose one")), *((end.key, self._address(end)) for end in ends)])
        first = next((end for end in ends if not targets.led_to(self.tenant, end)), None)
        self.initial.setdefault("end", first.key if first else "")
        self.only = ends[0].key if len(ends) == 1 else ""
        if len(ends) < 2:
            del self.fields["end"]
        networks = lookups.floating_networks(self.tenant)
        if len(networks) < 2:
            del self.fields["external_network_id"]
        else:
            fits = ("", _("What fits: where its router leads"))
            self.choose("external_network_id", [fits, *((one.external_id, str(one)) for one in networks)])
        self._floating_ips()

    def _address(self, end: End) -> Card:
        network = lookups.network_of(self.tenant, end.port.network_id)
        return Card(end.address, _("on %(network)s") % {"network": network} if network else "")

    def _floating_ips(self) -> None:
        """Offer the free floating IPs of the network that the way leads to, then a new one."""
        plan = self.planned(NEW)
        free = targets.free(self.tenant, plan.outside.external_id) if plan else []
        cards = [(one.external_id, Card(one.address, one.description or _("free"))) for one in free]
        new = Card(_("A new one"), _("of %(outside)s") % {"outside": plan.outside} if plan else "")
        self.choose("floating_ip_id", [*cards, (NEW, new)])
        self.initial.setdefault("floating_ip_id", cards[0][0] if cards else NEW)

    @property
    def plan(self) -> Plan | None:
        """The plan for all that is chosen; None where there is no way."""
        return self.planned(self.said("floating_ip_id"))

    def planned(self, floating_ip_id: str) -> Plan | None:
        """Plan what is chosen, with this address."""
        wish = connect_server.Params(
            server_id=self.initial["thing"].external_id,
            external_network_id=self.said("external_network_id"),
            floating_ip_id=floating_ip_id,
            **end_said(self.only or self.said("end")),
        )
        try:
            return internet_plan.plan_of(self.tenant, wish)
        except internet_plan.NoPlanError:
            return None

    def as_params(self, cleaned: Mapping[str, Any]) -> dict[str, Any]:
        said = super().as_params(cleaned)
        end = end_said(self.only or said.pop("end", ""))
        return {**said, **end, "server_id": self.initial["thing"].external_id}

    def refuse(self, refusal: Refusal) -> None:
        """Show what stands against an address of the server at its choice, where there is one."""
        field = "end" if refusal.field == "server_id" else refusal.field
        super().refuse(Refusal(field, refusal.reason, refusal.ways))
