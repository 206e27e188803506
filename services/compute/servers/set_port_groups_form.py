"""The security groups of one port of a server, as cards to tick."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.ui.forms import Card, ManyCardsField, Way
from projects.forms.base import ActionForm
from projects.models import Tenant
from projects.outcomes import Refusal
from projects.prepared import PreparedRows
from services.compute.models import Server
from services.network.models import Port
from services.network.security_groups import reach, rules
from services.network.security_groups.other_ends import other_ends
from services.network.security_groups.risky_ports import risks
from services.network.security_groups.stored_rules import StoredRule, rules_of_tenant

# So many phrases of what a group lets in stand on its card; its own page has them all.
_PHRASES = 3
_PORTS = PreparedRows(
    Port,
    lambda tenant, server: Port.objects.filter(tenant=tenant, device_id=server).order_by("external_id"),
    tenant=-1,
    server="server",
)


class PortGroupsForm(ActionForm):
    """All groups of the project, those on the port ticked. `initial["thing"]` is the server, `port_id` the port.

    `seen` remembers the groups that the port had when the form was opened, so that nobody's change is lost. `to` asks
    who reaches a port; it changes nothing.
    """

    action = "set-port-groups"

    port_id = forms.CharField(widget=forms.HiddenInput, max_length=64)
    seen = forms.CharField(widget=forms.HiddenInput, max_length=10_000, required=False)
    group_ids = ManyCardsField(
        required=False, error_messages={"invalid_choice": gettext_lazy("A group that was ticked is no longer there.")}
    )
    to = forms.CharField(required=False)

    def prepare(self) -> None:
        self.ports = ports_of(self.tenant, self.server)
        asked = self.said("port_id")
        known = next((one for one in self.ports if one.external_id == asked), None)
        self.port = known or next(iter(self.ports if not self.is_bound else []), None)
        self.ends = other_ends(self.tenant)
        self.names = self.ends.groups
        self._said: dict[str, list[str]] = {}
        self.rules = rules_of_tenant(self.tenant.pk)
        self.initial.update(group_ids=self.has, seen=",".join(self.has))
        if self.port is not None:
            self.initial["port_id"] = self.port.external_id
        self.choose("group_ids", self._cards())

    @property
    def server(self) -> Server:
        """The server of the page."""
        server: Server = self.initial["thing"]
        return server

    @property
    def has(self) -> list[str]:
        """The groups that are on the port, as far as the inventory knows, by id."""
        return sorted(self.port.security_group_ids) if self.port else []

    @property
    def ticked(self) -> list[str]:
        """The groups that it shall have. Those of other projects stay, whatever is ticked."""
        return list(dict.fromkeys([*map(str, self["group_ids"].value() or ()), *self.foreign]))

    @property
    def foreign(self) -> list[str]:
        """Groups on the port that are not among the project's own."""
        return [one for one in self.has if one not in self.names]

    @property
    def changed(self) -> bool:
        """Whether anything would come or go."""
        return set(self.ticked) != set(self.has)

    def rules_of(self, group_ids: list[str]) -> list[StoredRule]:
        """Return the rules of these groups, as far as they are known."""
        return [rule for one in group_ids for rule in self.rules.get(one, [])]

    def as_params(self, cleaned: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "server_id": self.server.external_id,
            "port_id": cleaned.get("port_id", ""),
            "group_ids": sorted({*cleaned.get("group_ids", ()), *self.foreign}),
            "seen": [one for one in cleaned.get("seen", "").split(",") if one],
        }

    def refuse(self, refusal: Refusal) -> None:
        """Tell what somebody else changed meanwhile, with the way to put one's own in its place."""
        if refusal.ways and not refusal.field:
            mine = Way(_("Put mine in its place"), value=",".join(self.has), field="seen")
            refusal = replace(refusal, ways=[*refusal.ways, mine])
        super().refuse(refusal)

    def _cards(self) -> list[tuple[str, Card]]:
        why = _("Another project shares it: it stays as it is, and what it lets in is not known here.")
        foreign = [(one, Card(one, blocked=why)) for one in self.foreign]
        mine, free = [one for one in self.names if one in self.has], [one for one in self.names if one not in self.has]
        on = [(one, Card(self.names[one], self._lets_in(one), at_once=self._goes(one))) for one in mine]
        off = [(one, Card(self.names[one], self._lets_in(one), at_once=self._comes(one))) for one in free]
        return [*on, *foreign, *off]

    def _comes(self, group_id: str) -> str:
        """Its card says all that it opens: one click is enough, but where that is what hardly anyone means."""
        own = self.rules_of([group_id])
        clear = len(self._phrases(group_id)) <= _PHRASES and not any(rule.unread for rule in own)
        return _("Add now") if clear and not risks(own) else ""

    def _goes(self, group_id: str) -> str:
        """Its card says all that closes: one click is enough.

        Not where more may be lost than that: the last group, a way out, or what others let in because of this group.
        """
        rest = [one for one in self.has if one != group_id]
        out = reach.compare(self.rules_of(self.has), self.rules_of(rest), "egress")
        ways = any(line.verdict == "closes" for line in out) or bool(self._used_by(group_id))
        return _("Remove now") if rest and len(self._phrases(group_id)) <= _PHRASES and not ways else ""

    def _phrases(self, group_id: str) -> list[str]:
        """Say what a group lets in; asked for twice for each card."""
        if group_id not in self._said:
            self._said[group_id] = rules.summary(self.rules_of([group_id]), self.ends.names, own=group_id)
        return self._said[group_id]

    def _lets_in(self, group_id: str) -> str:
        found = self._phrases(group_id)
        if len(found) > _PHRASES:
            found = [*found[:_PHRASES], _("and %(n)s more") % {"n": len(found) - _PHRASES}]
        if found:
            return "; ".join(found)
        used = self._used_by(group_id)
        if used:
            return _("lets nothing in, used as a source by %(groups)s") % {"groups": ", ".join(used)}
        return _("lets nothing in")

    def _used_by(self, group_id: str) -> list[str]:
        """Return the names of other groups that let in whoever has this one."""
        users = {id_ for id_, own in self.rules.items() if any(rule.remote_group_id == group_id for rule in own)}
        return [name for id_, name in self.names.items() if id_ in users - {group_id}]


def ports_of(tenant: Tenant, server: Server) -> list[Port]:
    """Return the server's ports in the order in which it names their addresses: its first address comes first."""
    order = {one["address"]: i for i, one in enumerate(server.addresses)}
    ports = _PORTS.all(tenant=tenant.pk, server=server.external_id)
    return sorted(ports, key=lambda one: min((order.get(ip["address"], 99) for ip in one.fixed_ips), default=99))
