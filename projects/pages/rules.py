"""Security group rules in words: who reaches what."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.ui.formats import number
from projects.figures import ANYWHERE
from projects.models import SecurityGroupRule
from projects.pages.health import Wire

TCP_UDP = {"tcp", "udp", "6", "17", "sctp", "dccp", "udplite"}
ICMP = {"icmp", "icmpv6", "ipv6-icmp", "1", "58"}


def is_open(rule: SecurityGroupRule) -> bool:
    """The same as figures.OPEN, for a rule at hand."""
    return rule.direction == "ingress" and from_anywhere(rule)


def from_anywhere(rule: SecurityGroupRule) -> bool:
    """The rule's other end is every address."""
    return rule.remote_cidr in ANYWHERE or not (rule.remote_cidr or rule.remote_group_id)


def what(rule: SecurityGroupRule) -> str:
    """The ports of a rule: "443/tcp", "8000-8100/tcp", "all tcp", "icmp", "everything"."""
    protocol = {"6": "tcp", "17": "udp"}.get(rule.protocol, rule.protocol)
    if not protocol:
        return _("everything")
    if protocol in ICMP:
        return protocol if rule.port_min is None else _("%(protocol)s type %(n)s") % _icmp(protocol, rule)
    if rule.port_min is None or rule.port_max is None:
        return _("all %(protocol)s") % {"protocol": protocol}
    if (rule.port_min, rule.port_max) in ((0, 65535), (1, 65535)):
        return _("all %(protocol)s") % {"protocol": protocol}
    if rule.port_min == rule.port_max:
        return f"{rule.port_min}/{protocol}"
    return f"{rule.port_min}-{rule.port_max}/{protocol}"


def _icmp(protocol: str, rule: SecurityGroupRule) -> dict[str, object]:
    return {"protocol": protocol, "n": rule.port_min}


@dataclass(frozen=True, slots=True)
class Peer:
    """The other end of a rule: its name, and what it stands for."""

    name: str
    small: str


def peer(rule: SecurityGroupRule, groups: Mapping[str, str], members: Mapping[str, int]) -> Peer:
    """Who is at the other end. `groups` are the names of groups by id, `members` their numbers of servers."""
    if rule.remote_group_id:
        name = groups.get(rule.remote_group_id, rule.remote_group_id)
        n = members.get(rule.remote_group_id, 0)
        servers = ngettext("%(n)s server", "%(n)s servers", n) % {"n": number(n)}
        return Peer(_("Group %(name)s") % {"name": name}, servers)
    if from_anywhere(rule):
        return Peer(_("Anywhere"), rule.remote_cidr or ("::/0" if rule.ethertype == "IPv6" else "0.0.0.0/0"))
    if rule.description:
        return Peer(rule.description, rule.remote_cidr)
    return Peer(rule.remote_cidr, "")


def wires(
    rules: Iterable[SecurityGroupRule], direction: str, groups: Mapping[str, str], members: Mapping[str, int]
) -> list[Wire]:
    """One line for each port and other end; the same for IPv4 and IPv6 becomes one line. Open ones come first."""
    smalls: dict[tuple[bool, str, str], list[str]] = {}
    for rule in rules:
        if rule.direction == direction:
            other = peer(rule, groups, members)
            found = smalls.setdefault((not is_open(rule), what(rule), other.name), [])
            if other.small and other.small not in found:
                found.append(other.small)
    lines = []
    for (closed, ports, name), small in sorted(smalls.items(), key=lambda one: (one[0][0], _order(one[0][1]))):
        role = "same" if closed else "opens"
        if direction == "ingress":
            state = _("lets in") if closed else _("open to anywhere")
            lines.append(Wire(role, name, _(" and ").join(sorted(small)), ports, state, mono=True))
        else:
            lines.append(Wire("same", ports, _("may leave"), name, _(" and ").join(sorted(small))))
    return lines


def _order(ports: str) -> tuple[int, str]:
    """By port number; names after numbers."""
    digits = ports.partition("/")[0].partition("-")[0]
    return (int(digits), ports) if digits.isdigit() else (1 << 20, ports)


def summary(rules: Sequence[SecurityGroupRule], groups: Mapping[str, str]) -> list[str]:
    """What a group lets in, one phrase for each source: ["80, 443/tcp from anywhere", "22/tcp from 203.0.113.0/24"]."""
    sources: dict[str, list[str]] = {}
    for rule in sorted(rules, key=lambda rule: (not is_open(rule), _order(what(rule)))):
        if rule.direction == "ingress":
            ports = sources.setdefault(source(rule, groups), [])
            if what(rule) not in ports:
                ports.append(what(rule))
    return [
        _("%(ports)s from %(source)s") % {"ports": _ports(ports), "source": name} for name, ports in sources.items()
    ]


def source(rule: SecurityGroupRule, groups: Mapping[str, str]) -> str:
    """Where a rule lets in from, inside a sentence."""
    if rule.remote_group_id:
        return _("group %(name)s") % {"name": groups.get(rule.remote_group_id, rule.remote_group_id)}
    return _("anywhere") if from_anywhere(rule) else rule.remote_cidr


def _ports(ports: Sequence[str]) -> str:
    """["80/tcp", "443/tcp"] → "80, 443/tcp": one protocol is said once."""
    protocols = {port.partition("/")[2] for port in ports}
    if len(protocols) == 1 and "" not in protocols:
        return ", ".join(port.partition("/")[0] for port in ports) + "/" + protocols.pop()
    return ", ".join(ports)


@dataclass(frozen=True, slots=True)
class Reach:
    """The answer to "who can reach port N": sources with the group that lets each in. No sources: nobody."""

    port: int
    sources: list[tuple[str, str]]
    anyone: bool


def who_reaches(port: int, rules: Iterable[SecurityGroupRule], groups: Mapping[str, str]) -> Reach:
    """Who gets through to a TCP port by these rules."""
    sources: list[tuple[str, str]] = []
    anyone = False
    for rule in rules:
        if rule.direction != "ingress" or rule.protocol not in ("", "tcp", "6"):
            continue
        inside = rule.port_min is None or rule.port_max is None or rule.port_min <= port <= rule.port_max
        if inside:
            entry = (source(rule, groups), groups.get(rule.group_id, rule.group_id))
            if entry not in sources:
                sources.append(entry)
            anyone = anyone or from_anywhere(rule)
    return Reach(port, sources, anyone)
