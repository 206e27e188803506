"""The forms of floating IPs, and of the whole way from the internet to a server."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.ui.forms import Card, CardField, CardSelect
from portal.ui.status import status_of
from projects.forms.base import ActionForm
from projects.forms.confirming import NameAgainForm
from projects.models import Tenant
from projects.outcomes import Refusal
from services.compute.models import Server
from services.compute.servers import connect_server
from services.network.floating_ips import targets as reaching
from services.network.floating_ips.targets import End
from services.network.models import FloatingIP, Port
from services.network.networks import lookups as networking
from services.network.routers import internet_plan as connecting
from services.network.routers.internet_plan import NEW, Plan


class AllocateFloatingIPForm(ActionForm):
    """Of which network, for what, and to which server."""

    action = "allocate-floating-ip"
    pairs = (("network_id", "description"),)

    network_id = CardField(label=gettext_lazy("From network"), widget=CardSelect)
    description = forms.CharField(label=gettext_lazy("Description"), max_length=255, required=False)
    end = CardField(label=gettext_lazy("Leads to"), required=False, widget=CardSelect)

    def prepare(self) -> None:
        networks = list(networking.external_networks(self.tenant))
        self.choose("network_id", [(one.external_id, str(one)) for one in networks])
        self.initial.setdefault("network_id", networks[0].external_id if networks else "")
        if not networks:
            said = _("%(place)s has no network that leads outside. Its operator would have to make one.")
            self.fields["network_id"].help_text = said % {"place": self.tenant.location.name}
        outside = self.said("network_id")
        self.choose("end", [("", _("Nothing for now")), *ends(self.tenant, outside)])

    def as_params(self, cleaned: Mapping[str, Any]) -> dict[str, Any]:
        said = super().as_params(cleaned)
        end = server_of(self.tenant, said.pop("end", ""))
        return {**said, **end}


class AssociateFloatingIPForm(ActionForm):
    """To which server's address the floating IP `thing` leads."""

    action = "associate-floating-ip"

    end = CardField(label=gettext_lazy("Leads to"), widget=CardSelect)
    was = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)

    def prepare(self) -> None:
        floating: FloatingIP = self.initial["thing"]
        self.initial["was"] = floating.port_id
        self.choose("end", [("", _("Choose one")), *ends(self.tenant, floating.network_id)])
        self.fields["end"].help_text = _(
            "Servers whose network has no router that leads to the network of this address have to be connected first."
        )

    def as_params(self, cleaned: Mapping[str, Any]) -> dict[str, Any]:
        said = super().as_params(cleaned)
        floating: FloatingIP = self.initial["thing"]
        params = {"floating_ip_id": floating.external_id, "was_port_id": said.pop("was", "")}
        return {**params, **server_of(self.tenant, said.pop("end", ""))}


class ReleaseFloatingIPForm(NameAgainForm):
    """Confirms that an address is lost."""

    action = "release-floating-ip"

    def given(self) -> dict[str, Any]:
        return {"floating_ip_id": self.initial["thing"].external_id}


class ConnectServerForm(ActionForm):
    """What to use on the way to the server `thing`. Where there is nothing to choose, nothing is asked."""

    action = "connect-server"

    end = CardField(label=gettext_lazy("Address of the server"), widget=CardSelect)
    external_network_id = CardField(label=gettext_lazy("Network outside"), required=False, widget=CardSelect)
    floating_ip_id = CardField(label=gettext_lazy("Floating IP"), widget=CardSelect)

    def prepare(self) -> None:
        server: Server = self.initial["thing"]
        ends = reaching.ends_of(self.tenant, [server])
        self.choose("end", [("", _("Choose one")), *((end.key, self._address(end)) for end in ends)])
        first = next((end for end in ends if not reaching.led_to(self.tenant, end)), None)
        self.initial.setdefault("end", first.key if first else "")
        self.only = ends[0].key if len(ends) == 1 else ""
        if len(ends) < 2:
            del self.fields["end"]
        networks = list(networking.external_networks(self.tenant))
        if len(networks) < 2:
            del self.fields["external_network_id"]
        else:
            fits = ("", _("What fits: where its router leads"))
            self.choose("external_network_id", [fits, *((one.external_id, str(one)) for one in networks)])
        self._floating_ips()

    def _address(self, end: End) -> Card:
        network = networking.network_of(self.tenant, end.port.network_id)
        return Card(end.address, _("on %(network)s") % {"network": network} if network else "")

    def _floating_ips(self) -> None:
        """The free floating IPs of the network that the way leads to, then a new one."""
        plan = self.planned(NEW)
        free = reaching.free(self.tenant, plan.outside.external_id) if plan else []
        cards = [(one.external_id, Card(one.address, one.description or _("free"))) for one in free]
        new = Card(_("A new one"), _("of %(outside)s") % {"outside": plan.outside} if plan else "")
        self.choose("floating_ip_id", [*cards, (NEW, new)])
        self.initial.setdefault("floating_ip_id", cards[0][0] if cards else NEW)

    @property
    def plan(self) -> Plan | None:
        """The plan for all that is chosen; None: there is no way."""
        return self.planned(self.said("floating_ip_id"))

    def planned(self, floating_ip_id: str) -> Plan | None:
        """The plan for what is chosen, with this address."""
        wish = connect_server.Params(
            server_id=self.initial["thing"].external_id,
            external_network_id=self.said("external_network_id"),
            floating_ip_id=floating_ip_id,
            **end_said(self.only or self.said("end")),
        )
        try:
            return connecting.plan_of(self.tenant, wish)
        except connecting.NoPlanError:
            return None

    def as_params(self, cleaned: Mapping[str, Any]) -> dict[str, Any]:
        said = super().as_params(cleaned)
        end = end_said(self.only or said.pop("end", ""))
        return {**said, **end, "server_id": self.initial["thing"].external_id}

    def refuse(self, refusal: Refusal) -> None:
        """What stands against an address of the server stands at its choice, where there is one."""
        field = "end" if refusal.field == "server_id" else refusal.field
        super().refuse(Refusal(field, refusal.reason, refusal.ways))


def ends(tenant: Tenant, outside: str) -> list[tuple[str, Card]]:
    """The addresses of the project's servers, those that no floating IP of this network can lead to with the reason."""
    servers = list(Server.objects.filter(tenant=tenant))
    ways = reaching.ways_of(tenant)
    taken = {(one.port_id, one.fixed_address): one for one in FloatingIP.objects.filter(tenant=tenant)}
    cards = []
    for end in reaching.ends_of(tenant, servers):
        leads, there = ways.outside_of(end), taken.get((end.port.external_id, end.address))
        why = ""
        if there is not None:
            why = _("has %(address)s") % {"address": there.address}
        elif leads is not None and leads != outside:
            why = _("no router leads there")
        words = {"address": end.address, "network": ways.networks.get(end.port.network_id, "")}
        said = _("%(address)s on %(network)s") % words if words["network"] else end.address
        cards.append((end.key, Card(str(end.server), f"{said}, {_lower(end.server)}", why)))
    return cards


def _lower(server: Server) -> str:
    word = str(status_of("server", server.status).word)
    return word[:1].lower() + word[1:]


def end_said(key: str) -> dict[str, str]:
    """The params of a chosen end; none where nothing is chosen."""
    port_id, _space, address = key.partition(" ")
    return {"port_id": port_id, "fixed_address": address} if address else {}


def server_of(tenant: Tenant, key: str) -> dict[str, str]:
    """The same, with the server whose port it is."""
    said = end_said(key)
    port = Port.objects.filter(tenant=tenant, external_id=said["port_id"]).first() if said else None
    return {**said, "server_id": port.device_id if port else ""} if said else {}
