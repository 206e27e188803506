"""Who reaches what: two sets of security group rules compared, as sets of addresses, protocols and ports.

Rules overlap, and what counts is what is let through in the end: taking away "22/tcp from the office" closes nothing
while "22/tcp from anywhere" stays. Nothing in here asks a database or makes a sentence.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from itertools import product
from typing import Literal, TypeAlias

from services.network.security_groups import port_ranges
from services.network.security_groups.port_ranges import Spans
from services.network.security_groups.rules import RuleOfGroup, network_of, protocol_of, span_of

Verdict = Literal["opens", "closes", "stays"]
Family = Literal[4, 6]


@dataclass(frozen=True, slots=True)
class Source:
    """The other end: a network ("10.0.9.0/24"), the members of a group, the addresses of an address group, or everyone
    (all empty). `unread` names what of the rule is not known here: who that is can't be said.
    """

    cidr: str = ""
    group_id: str = ""
    address_group_id: str = ""
    unread: tuple[str, ...] = ()

    @property
    def anywhere(self) -> bool:
        """Tell whether it is every address there is."""
        return not (self.cidr or self.group_id or self.address_group_id or self.unread)


ANYWHERE = Source()


@dataclass(frozen=True, slots=True)
class Line:
    """What becomes of one range of ports (of ICMP: type * 256 + code) for one other end. No protocol: all of them."""

    verdict: Verdict
    source: Source
    protocol: str
    low: int
    high: int
    families: tuple[Family, ...]


@dataclass(frozen=True, slots=True)
class Peer:
    """Somebody who may reach a server: with these addresses, in these groups."""

    name: str
    addresses: Sequence[str]
    group_ids: frozenset[str]


@dataclass(frozen=True, slots=True)
class Way:
    """One that is let in, and the groups whose rules do it."""

    source: Source
    families: tuple[Family, ...]
    group_ids: tuple[str, ...]


_Range: TypeAlias = tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Grant:
    """A rule in the form that is compared. `range` has the first and the last address of a network."""

    family: Family
    protocol: str
    span: _Range
    source: Source
    range: _Range | None
    group_id: str


def compare(before: Iterable[RuleOfGroup], after: Iterable[RuleOfGroup], direction: str = "ingress") -> list[Line]:
    """List what opens, what closes and what stays, in this order; anywhere first, then by port.

    A line that says nothing which a line about more addresses or more protocols has not said already is left out.
    """
    old, new = _grants(before, direction), _grants(after, direction)
    found: dict[tuple[Verdict, Source, str, _Range], set[Family]] = {}
    families: tuple[Family, ...] = (4, 6)
    for family in families:
        for verdict, source, protocol, span in _family(
            [one for one in old if one.family == family], [one for one in new if one.family == family]
        ):
            found.setdefault((verdict, source, protocol, span), set()).add(family)
    lines = [
        Line(verdict, source, protocol, *span, tuple(sorted(families)))
        for (verdict, source, protocol, span), families in found.items()
    ]
    return sorted(lines, key=_order)


def _family(old: Sequence[_Grant], new: Sequence[_Grant]) -> Iterable[tuple[Verdict, Source, str, _Range]]:
    ends = {one.source: one for one in [*old, *new]}
    protocols = {one.protocol for one in [*old, *new]}
    parts: dict[tuple[Source, str], dict[Verdict, Spans]] = {}
    for source, protocol in product(ends, protocols):
        was = _through(old, ends[source], protocol)
        will = _through(new, ends[source], protocol)
        verdicts: dict[Verdict, Spans] = {
            "opens": port_ranges.minus(will, was),
            "closes": port_ranges.minus(was, will),
            "stays": port_ranges.common(was, will),
        }
        parts[source, protocol] = verdicts
    for (source, protocol), verdicts in parts.items():
        wider = [
            part
            for (other, its), part in parts.items()
            if (other, its) != (source, protocol) and its in ("", protocol) and _holds(ends[other], ends[source])
        ]
        for verdict, own in verdicts.items():
            for part in wider:
                own = port_ranges.minus(own, part[verdict])
            yield from ((verdict, source, protocol, span) for span in own)


def who(port: int, rules: Iterable[RuleOfGroup], protocol: str = "tcp") -> list[Way]:
    """List who reaches a port, anywhere first. The same for IPv4 and IPv6 is one. What is unread may mean any port."""
    ways: dict[Source, tuple[set[Family], list[str]]] = {}
    for grant in _grants(rules, "ingress"):
        fits = grant.protocol in ("", protocol) and grant.span[0] <= port <= grant.span[1]
        if fits or grant.source.unread:
            families, groups = ways.setdefault(grant.source, (set(), []))
            families.add(grant.family)
            if grant.group_id not in groups:
                groups.append(grant.group_id)
    found = [Way(source, tuple(sorted(families)), tuple(groups)) for source, (families, groups) in ways.items()]
    return sorted(found, key=lambda way: (not way.source.anywhere, way.source.group_id, _rest(way.source)))


def losers(
    line: Line, before: Iterable[RuleOfGroup], after: Iterable[RuleOfGroup], peers: Iterable[Peer]
) -> list[Peer]:
    """List those who reach something of a closing line now and will not any more, by whatever rule."""
    old, new = _grants(before, "ingress"), _grants(after, "ingress")
    found = []
    for peer in peers:
        for family in line.families:
            was = port_ranges.common(_for_peer(old, peer, family, line.protocol), ((line.low, line.high),))
            if port_ranges.minus(was, _for_peer(new, peer, family, line.protocol)):
                found.append(peer)
                break
    return found


def _grants(rules: Iterable[RuleOfGroup], direction: str) -> list[_Grant]:
    return [_grant(rule) for rule in rules if rule.direction == direction]


def _grant(rule: RuleOfGroup) -> _Grant:
    source, limits = _end(rule)
    family: Family = 6 if rule.ethertype == "IPv6" else 4
    return _Grant(family, protocol_of(rule), span_of(rule), source, limits, rule.group_id)


def _end(rule: RuleOfGroup) -> tuple[Source, _Range | None]:
    if rule.unread:
        return Source(rule.remote_cidr, rule.remote_group_id, rule.remote_address_group_id, tuple(rule.unread)), None
    if rule.remote_address_group_id:
        return Source(address_group_id=rule.remote_address_group_id), None
    if rule.remote_group_id:
        return Source(group_id=rule.remote_group_id), None
    network = network_of(rule.remote_cidr)
    if network is None:  # no remote at all; or one that is no network: told as the cloud tells it
        return Source(cidr=rule.remote_cidr), None
    if not network.prefixlen:
        return ANYWHERE, None
    return Source(cidr=str(network)), (int(network.network_address), int(network.broadcast_address))


def _through(grants: Iterable[_Grant], end: _Grant, protocol: str) -> Spans:
    """Return the ports that all of `end` reach with this protocol."""
    return port_ranges.union(one.span for one in grants if one.protocol in ("", protocol) and _holds(one, end))


def _holds(wide: _Grant, narrow: _Grant) -> bool:
    """Tell whether whoever is at the other end of `narrow` is also at that of `wide`."""
    if wide.source == narrow.source:
        return True
    if wide.source.anywhere:
        return not narrow.source.unread  # it may be the contrary of what it seems
    if wide.range is None or narrow.range is None:
        # Who is in a group, and with which address, changes without a rule being touched; addresses of an address
        # group do too. What is unread holds nobody but itself.
        return False
    return wide.range[0] <= narrow.range[0] and narrow.range[1] <= wide.range[1]


def _for_peer(grants: Iterable[_Grant], peer: Peer, family: Family, protocol: str) -> Spans:
    own = [int(ip) for ip in map(ip_address, peer.addresses) if ip.version == family]
    return port_ranges.union(
        one.span
        for one in grants
        if one.family == family
        and one.protocol in ("", protocol)
        and own
        and (
            one.source.anywhere
            or (one.source.group_id in peer.group_ids and not one.source.unread)
            or (one.range is not None and any(one.range[0] <= ip <= one.range[1] for ip in own))
        )
    )


def _order(line: Line) -> tuple[object, ...]:
    verdicts = ("opens", "closes", "stays")
    place = verdicts.index(line.verdict), not line.source.anywhere
    return *place, line.low, line.protocol, line.high, line.source.group_id, _rest(line.source)


def _rest(source: Source) -> tuple[object, ...]:
    return source.cidr, source.address_group_id, source.unread
