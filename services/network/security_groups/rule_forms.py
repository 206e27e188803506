"""The fields of security group rules: what gets in or out, and from or to where. One form may make several rules."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.ui.forms import CardField, CardSelect, FigureField, Way
from projects.forms.base import ActionForm
from projects.outcomes import Refusal
from services.network.security_groups import risky_ports, rules
from services.network.security_groups.other_ends import other_ends
from services.network.security_groups.rule_making import Rule

# Protocol, first and last port (of ICMP type and code).
Kind: TypeAlias = tuple[str, int | None, int | None]
Family = Literal["IPv4", "IPv6"]
# Ethertype, network, group.
End: TypeAlias = tuple[Family, str, str]

PRESETS: Mapping[str, tuple[str, Kind]] = {
    "ssh": ("SSH 22/tcp", ("tcp", 22, 22)),
    "http": ("HTTP 80/tcp", ("tcp", 80, 80)),
    "https": ("HTTPS 443/tcp", ("tcp", 443, 443)),
    "icmp": ("ICMP", ("icmp", None, None)),
}
_FAMILIES: Mapping[str, tuple[Family, ...]] = {"both": ("IPv4", "IPv6"), "IPv4": ("IPv4",), "IPv6": ("IPv6",)}
_EVERY_ADDRESS: Mapping[Family, str] = {"IPv4": "0.0.0.0/0", "IPv6": "::/0"}
_LAST_PORT = 65535
# So many rules an action makes at once.
_MOST = 100


@dataclass(frozen=True, slots=True)
class Built:
    """The rules that the fields make, and what speaks against them, each at its field."""

    rules: list[Rule]
    faults: list[Refusal]


class RuleFields(ActionForm):
    """A form with these fields. Nothing ticked makes no rules, which is for the form to judge."""

    what = forms.MultipleChoiceField(
        label=gettext_lazy("Ports"), required=False, widget=forms.CheckboxSelectMultiple, choices=()
    )
    protocol = CardField(
        label=gettext_lazy("Protocol"),
        required=False,
        widget=CardSelect,
        initial="tcp",
        choices=[
            ("tcp", "TCP"),
            ("udp", "UDP"),
            ("icmp", "ICMP"),
            ("any", gettext_lazy("Every protocol")),
            ("number", gettext_lazy("Another, by its number")),
        ],
    )
    ports = forms.CharField(label=gettext_lazy("Ports"), required=False, max_length=500)
    number = FigureField(label=gettext_lazy("Its number"), required=False, least=0, most=255)
    icmp_type = FigureField(label=gettext_lazy("Type"), required=False, least=0, most=255)
    icmp_code = FigureField(label=gettext_lazy("Code"), required=False, least=0, most=255)
    end = forms.ChoiceField(
        label=gettext_lazy("From"),
        required=False,
        widget=forms.RadioSelect,
        initial="anywhere",
        choices=[
            ("anywhere", gettext_lazy("Anywhere")),
            ("network", gettext_lazy("A network")),
            ("group", gettext_lazy("A security group")),
        ],
    )
    cidr = forms.CharField(label=gettext_lazy("Network"), required=False, max_length=500)
    group = CardField(label=gettext_lazy("Security group"), required=False, widget=CardSelect)
    direction = forms.ChoiceField(
        label=gettext_lazy("Direction"),
        required=False,
        widget=forms.RadioSelect,
        initial="ingress",
        choices=[("ingress", gettext_lazy("In")), ("egress", gettext_lazy("Out"))],
    )
    family = forms.ChoiceField(
        label=gettext_lazy("IP version"),
        required=False,
        widget=forms.RadioSelect,
        initial="both",
        choices=[("both", gettext_lazy("Both")), ("IPv4", "IPv4"), ("IPv6", "IPv6")],
    )
    note = forms.CharField(label=gettext_lazy("Description of the rule"), required=False, max_length=255)

    def prepare(self) -> None:
        self.choose("what", [*((key, name) for key, (name, _kind) in PRESETS.items()), ("other", _("Others"))])
        self.ends = other_ends(self.tenant)
        self.groups = self.ends.groups
        self.choose("group", [("", _("Choose one")), *self.group_choices()])
        self.fields["ports"].widget.attrs |= {"placeholder": "8080, 9000-9100", "autocomplete": "off"}
        self.fields["ports"].help_text = _("One, several or a range; empty for all.")
        self.fields["cidr"].widget.attrs |= {"placeholder": "203.0.113.0/24", "autocomplete": "off"}
        self.fields["cidr"].help_text = _("IPv4 or IPv6; several with commas.")
        self.fields["icmp_type"].help_text = _("Empty for all.")
        for name in ("protocol", "number", "cidr", "group", "end", "direction", "family"):
            self.fields[name].needed = True  # type: ignore[attr-defined]  # portal.ui.forms.Field.optional

    def group_choices(self) -> list[tuple[str, str]]:
        """List the groups that can be the other end."""
        return list(self.groups.items())

    def built(self, cleaned: Mapping[str, Any]) -> Built:
        """Build the rules from the fields."""
        found = Built([], [])
        kinds, ends = list(self._kinds(cleaned, found.faults)), list(self._ends(cleaned, found.faults))
        if (many := len(kinds) * len(ends)) > _MOST:
            said = _("This makes %(n)s rules. At most %(most)s can be made at once.")
            found.faults.append(Refusal("what", said % {"n": many, "most": _MOST}))
            return found
        for protocol, low, high in kinds:
            for ethertype, cidr, group in ends:
                rule = Rule(
                    direction=cleaned.get("direction") or "ingress",
                    ethertype=ethertype,
                    protocol=protocol,
                    port_min=low,
                    port_max=high,
                    remote_cidr=cidr,
                    remote_group_id=group,
                    remote_address_group_id="",
                    description=cleaned.get("note", ""),
                )
                if rule not in found.rules:
                    found.rules.append(rule)
        return found

    def risks(self, made: list[Rule]) -> str:
        """Name what the rules open to everyone that is rarely meant so, for a sentence; empty for nothing."""
        return ", ".join(risky_ports.risks(made))

    def clean(self) -> dict[str, Any]:
        """Refuses what makes no rule. What is risky is refused once, where it was sent before the warning was seen."""
        found = self.built(self.cleaned_data)
        for fault in found.faults:
            if fault.field not in self.errors:
                self.refuse(fault)
        risks = self.risks(found.rules)
        if risks and self.data.get("warned") != risks and not self.initial.get("looking"):
            self.refuse(Refusal("", _("Check the warning first. Send the form again to confirm.")))
        return super().clean()

    def refuse(self, refusal: Refusal) -> None:
        """Show what is said of the rules where they are chosen."""
        if refusal.field == "rules":
            refusal = Refusal("what", refusal.reason, refusal.ways)
        super().refuse(refusal)

    def _kinds(self, cleaned: Mapping[str, Any], faults: list[Refusal]) -> Iterator[Kind]:
        chosen = cleaned.get("what", ())
        for key, (_name, kind) in PRESETS.items():
            if key in chosen:
                yield kind
        if "other" not in chosen:
            return
        match cleaned.get("protocol"):
            case "tcp" | "udp" as protocol:
                yield from ((protocol, low, high) for low, high in ports_of(cleaned.get("ports", ""), faults))
            case "icmp":
                yield from self._icmp(cleaned, faults)
            case "number":
                if cleaned.get("number") is not None:
                    yield str(cleaned["number"]), None, None
                elif "number" not in self.errors:
                    faults.append(Refusal("number", _("The protocol's number is still needed.")))
            case "any":
                yield "", None, None

    def _icmp(self, cleaned: Mapping[str, Any], faults: list[Refusal]) -> Iterator[Kind]:
        kind, code = cleaned.get("icmp_type"), cleaned.get("icmp_code")
        if kind is None and code is not None:
            faults.append(Refusal("icmp_type", _("A code needs its type.")))
        elif kind is not None and cleaned.get("family") == "both" and cleaned.get("end") != "network":
            ways = [Way(_("Use IPv4"), "IPv4", field="family"), Way(_("use IPv6"), "IPv6", field="family")]
            faults.append(Refusal("icmp_type", _("Types of ICMP differ between IPv4 and IPv6."), ways))
        else:
            yield "icmp", kind, code

    def _ends(self, cleaned: Mapping[str, Any], faults: list[Refusal]) -> Iterator[End]:
        families = _FAMILIES.get(cleaned.get("family", ""), _FAMILIES["both"])
        match cleaned.get("end"):
            case "network":
                yield from _networks(cleaned.get("cidr", ""), families, faults)
            case "group":
                if group := cleaned.get("group"):
                    yield from ((family, "", group) for family in families)
                elif "group" not in self.errors:
                    faults.append(Refusal("group", _("The security group is still needed.")))
            case _:
                yield from ((family, _EVERY_ADDRESS[family], "") for family in families)


def ports_of(text: str, faults: list[Refusal]) -> list[tuple[int | None, int | None]]:
    """ "80, 443, 8000-8100" → [(80, 80), (443, 443), (8000, 8100)]; empty means all."""
    found: list[tuple[int | None, int | None]] = []
    for part in filter(None, re.split(r"[,;\s]+", re.sub(r"\s*[-–:]\s*", "-", text.strip()))):
        first, dash, last = part.partition("-")
        last = last if dash else first
        if not (_is_port(first) and _is_port(last)):
            said = _(
                "“%(part)s” is not a valid port. Ports are numbers from 1 to %(last)s. Example: 80, 443, 8000-8100"
            )
            faults.append(Refusal("ports", said % {"part": part, "last": _LAST_PORT}))
            return []
        if int(first) > int(last):
            way = Way(_("Use %(ports)s") % {"ports": f"{last}-{first}"}, text.replace(part, f"{last}-{first}"))
            faults.append(Refusal("ports", _("“%(part)s” ends before it begins.") % {"part": part}, [way]))
            return []
        found.append((int(first), int(last)))
    return found or [(None, None)]


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 6 and 1 <= int(text) <= _LAST_PORT


def _networks(text: str, families: tuple[Family, ...], faults: list[Refusal]) -> list[End]:
    found: list[End] = []
    for part in filter(None, re.split(r"[,;\s]+", text.strip())):
        network = rules.network_of(part)
        if network is None:
            said = _("“%(part)s” is not a valid network. Example: 203.0.113.0/24, or one address: 203.0.113.9")
            faults.append(Refusal("cidr", said % {"part": part}))
            return []
        family: Family = "IPv6" if network.version == 6 else "IPv4"
        if family not in families:
            words = {"network": network, "family": family, "chosen": families[0]}
            said = _("%(network)s is a network of %(family)s, and only %(chosen)s is chosen.")
            way = Way(_("Use %(family)s") % words, family, field="family")
            faults.append(Refusal("cidr", said % words, [way]))
            return []
        found.append((family, str(network), ""))
    if not found:
        faults.append(Refusal("cidr", _("The network is still needed.")))
    return found
