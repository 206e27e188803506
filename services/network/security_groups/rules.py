"""Security group rules: what one means, and how it is said. The same for a row, for params and for the cloud's answer.

Source of the protocols' numbers: iana.org/assignments/protocol-numbers; of their names: docs.openstack.org/api-ref
(network v2, security group rules).
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_network
from operator import itemgetter
from typing import NamedTuple, Protocol

from django.utils.translation import get_language
from django.utils.translation import gettext as _

# Every port; for ICMP type * 256 + code, which fills the same range.
ALL = (0, 65535)
WITH_PORTS = ("tcp", "udp", "sctp", "dccp", "udplite")
_NAMES = {
    "0": "",
    "any": "",
    "1": "icmp",
    "2": "igmp",
    "6": "tcp",
    "17": "udp",
    "33": "dccp",
    "47": "gre",
    "50": "esp",
    "51": "ah",
    "58": "icmp",
    "89": "ospf",
    "112": "vrrp",
    "132": "sctp",
    "136": "udplite",
    "icmpv6": "icmp",
    "ipv6-icmp": "icmp",
}


class Rule(Protocol):
    """A rule. An empty protocol, port or remote means any; for ICMP the ports are type and code.

    What is `unread` of it, fields that are not known here, may turn its meaning round: nothing is said of such a rule.
    """

    @property
    def direction(self) -> str: ...
    @property
    def ethertype(self) -> str: ...
    @property
    def protocol(self) -> str: ...
    @property
    def port_min(self) -> int | None: ...
    @property
    def port_max(self) -> int | None: ...
    @property
    def remote_cidr(self) -> str: ...
    @property
    def remote_group_id(self) -> str: ...
    @property
    def remote_address_group_id(self) -> str: ...
    @property
    def unread(self) -> Sequence[str]: ...


class RuleOfGroup(Rule, Protocol):
    """A rule that names its group."""

    @property
    def group_id(self) -> str: ...


def protocol_of(rule: Rule) -> str:
    """Return the protocol by its one name; empty for all of them. ICMP is called so for IPv6 too."""
    plain = rule.protocol.lower()
    return _NAMES.get(plain, plain)


# The same few networks stand in hundreds of rules, and each of them is asked for several times on a page.
@lru_cache(maxsize=8192)
def network_of(cidr: str) -> IPv4Network | IPv6Network | None:
    """Parse a network, of which only an address may be given; None where it is not valid."""
    try:
        return ip_network(cidr, strict=False)
    except ValueError:
        return None


def span_of(rule: Rule) -> tuple[int, int]:
    """Return the first and last port; of ICMP type * 256 + code."""
    low, high = rule.port_min, rule.port_max
    if low is None:
        return ALL
    if protocol_of(rule) == "icmp":
        return (low * 256, low * 256 + 255) if high is None else (low * 256 + high, low * 256 + high)
    return ALL if high is None or (low, high) == (1, 65535) else (low, high)


def key(rule: Rule) -> tuple[object, ...]:
    """Return what makes two rules the same for the cloud, which allows each only once in a group."""
    remote = rule.remote_group_id or rule.remote_address_group_id
    if not remote and rule.remote_cidr and not from_anywhere(rule):
        remote = str(network_of(rule.remote_cidr) or rule.remote_cidr)
    return rule.direction, rule.ethertype, protocol_of(rule), span_of(rule), remote, *rule.unread


def from_anywhere(rule: Rule) -> bool:
    """Tell whether the rule's other end is every address, as far as is known here."""
    if rule.remote_group_id or rule.remote_address_group_id or rule.unread:
        return False
    if not rule.remote_cidr:
        return True
    network = network_of(rule.remote_cidr)
    return network is not None and not network.prefixlen


def is_open(rule: Rule) -> bool:
    """Tell whether the rule lets anyone in: figures.OPEN, for a rule at hand."""
    return rule.direction == "ingress" and from_anywhere(rule)


def what(rule: Rule) -> str:
    """Write the ports of a rule: "443/tcp", "8000-8100/tcp", "all tcp", "icmp type 8", "everything"."""
    return _what(protocol_of(rule), *span_of(rule), get_language())


@lru_cache(maxsize=4096)
def _what(protocol: str, low: int, high: int, _language: str | None) -> str:
    return ports(protocol, low, high)


def ports(protocol: str, low: int, high: int) -> str:
    """Write a range of ports, as `span_of` counts them, the same way."""
    if not protocol:
        return _("everything")
    if protocol == "icmp":
        return _icmp(low, high)
    if (low, high) == ALL:
        return _("all %(protocol)s") % {"protocol": protocol}
    return f"{low}/{protocol}" if low == high else f"{low}-{high}/{protocol}"


def _icmp(low: int, high: int) -> str:
    first, last = divmod(low, 256), divmod(high, 256)
    words = {"type": first[0], "code": first[1], "last_type": last[0], "last_code": last[1]}
    if (low, high) == ALL:
        return "icmp"
    if low == high:
        return _("icmp type %(type)s code %(code)s") % words
    if (first[1], last[1]) == (0, 255):
        return (_("icmp type %(type)s") if first[0] == last[0] else _("icmp types %(type)s-%(last_type)s")) % words
    if first[0] == last[0]:
        return _("icmp type %(type)s codes %(code)s-%(last_code)s") % words
    return _("icmp type %(type)s code %(code)s to type %(last_type)s code %(last_code)s") % words


def source(rule: Rule, groups: Mapping[str, str], own: str = "") -> str:
    """Say where a rule lets in from, inside a sentence. `groups` has the names of groups and address groups by id,
    `own` is the rule's group.
    """
    if rule.unread:
        return unread(rule.unread)
    if rule.remote_address_group_id:
        name = groups.get(rule.remote_address_group_id, rule.remote_address_group_id)
        return _("address group %(name)s") % {"name": name}
    if own and rule.remote_group_id == own:
        return _("the same group")
    if rule.remote_group_id:
        return _("group %(name)s") % {"name": groups.get(rule.remote_group_id, rule.remote_group_id)}
    return _("anywhere") if from_anywhere(rule) else rule.remote_cidr


def unread(fields: Iterable[str]) -> str:
    """Say what is not known of a rule's other end: "what is not read here (action)"."""
    return _("what is not read here (%(fields)s)") % {"fields": ", ".join(fields)}


class Plain(NamedTuple):
    """A rule and nothing else, which can be compared."""

    direction: str
    ethertype: str
    protocol: str
    port_min: int | None
    port_max: int | None
    remote_cidr: str
    remote_group_id: str
    remote_address_group_id: str
    unread: tuple[str, ...]


def summary(rules: Sequence[Rule], groups: Mapping[str, str], direction: str = "ingress", own: str = "") -> list[str]:
    """Summarise what rules let in, by source: ["80, 443/tcp from anywhere", "22/tcp from 203.0.113.0/24"]."""
    plain = tuple(
        Plain(
            rule.direction,
            rule.ethertype,
            rule.protocol,
            rule.port_min,
            rule.port_max,
            rule.remote_cidr,
            rule.remote_group_id,
            rule.remote_address_group_id,
            tuple(rule.unread),
        )
        for rule in rules
    )
    ids = {one for rule in plain for one in (rule.remote_group_id, rule.remote_address_group_id)} - {""}
    names = tuple((id_, groups[id_]) for id_ in sorted(ids) if id_ in groups)
    return list(_summary(plain, names, direction, own, get_language()))


# Lists of groups are drawn again with every change of anything, and rules change seldom.
@lru_cache(maxsize=4096)
def _summary(
    rules: tuple[Plain, ...], names: tuple[tuple[str, str], ...], direction: str, own: str, _language: str | None
) -> Sequence[str]:
    groups = dict(names)
    sources: dict[str, dict[str, None]] = {}
    told = [(not is_open(rule), order(what(rule)), rule) for rule in rules if rule.direction == direction]
    for _closed, (_number, said), rule in sorted(told, key=itemgetter(0, 1)):
        sources.setdefault(source(rule, groups, own), {})[said] = None
    say = _("%(ports)s from %(source)s") if direction == "ingress" else _("%(ports)s to %(source)s")
    return [say % {"ports": _together([*found]), "source": name} for name, found in sources.items()]


def order(said: str) -> tuple[int, str]:
    """For sorting ports in words: by number, names after numbers."""
    digits = said.partition("/")[0].partition("-")[0]
    return (int(digits), said) if digits.isdigit() else (1 << 20, said)


def _together(found: Sequence[str]) -> str:
    """["80/tcp", "443/tcp"] → "80, 443/tcp": one protocol is said once."""
    protocols = {port.partition("/")[2] for port in found}
    if len(protocols) == 1 and "" not in protocols:
        return ", ".join(port.partition("/")[0] for port in found) + "/" + protocols.pop()
    return ", ".join(found)
