"""Who reaches a server, in words: lines with their verdict, who loses what, and who reaches one port."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.ui.formats import number
from projects.models import Tenant
from projects.pages.health import Wire
from services.compute.models import Server
from services.network.models import Port, SecurityGroupRule
from services.network.security_groups import reach
from services.network.security_groups.other_ends import OtherEnds
from services.network.security_groups.reach import Line, Peer, Source, Way
from services.network.security_groups.rules import ports, unread
from services.network.security_groups.stored_rules import StoredRule

# Names in a sentence; how many more there are is said.
_NAMED = 6
_ADDRESSES = {4: "0.0.0.0/0", 6: "::/0"}


@dataclass(frozen=True, slots=True)
class Words:
    """What things are called: groups and address groups, and networks by what their rules say of them; and how many
    servers there are in each group.
    """

    ends: OtherEnds
    networks: Mapping[str, str] = field(default_factory=dict)
    members: Mapping[str, int] = field(default_factory=dict)

    def name(self, source: Source) -> str:
        """Name it at the beginning of a line: "Anywhere", "Group app", "Office", "203.0.113.0/24"."""
        if source.anywhere:
            return _("Anywhere")
        if source.unread:
            return capfirst(unread(source.unread))
        if source.address_group_id:
            named = self.ends.names.get(source.address_group_id, source.address_group_id)
            return _("Address group %(name)s") % {"name": named}
        if source.group_id:
            return _("Group %(name)s") % {"name": self.ends.names.get(source.group_id, source.group_id)}
        return self.networks.get(source.cidr) or source.cidr

    def small(self, source: Source, families: Sequence[int]) -> str:
        """Write what stands below it: "0.0.0.0/0 and ::/0", "6 servers", "203.0.113.0/24"."""
        if source.anywhere:
            return _(" and ").join(_ADDRESSES[one] for one in families)
        if source.unread:
            return source.cidr
        if source.address_group_id:
            return self.ends.addresses_of(source.address_group_id)
        if source.group_id:
            n = self.members.get(source.group_id, 0)
            return ngettext("%(n)s server", "%(n)s servers", n) % {"n": number(n)}
        return source.cidr if self.networks.get(source.cidr) else ""

    def inside(self, source: Source, *, outside: str) -> str:
        """Name it inside a sentence; `outside` is what anywhere means there: "everyone on the internet"."""
        if source.anywhere:
            return outside
        if source.unread:
            return unread(source.unread)
        if source.address_group_id:
            named = self.ends.names.get(source.address_group_id, source.address_group_id)
            return _("address group %(name)s") % {"name": named}
        if source.group_id:
            return _("group %(name)s") % {"name": self.ends.names.get(source.group_id, source.group_id)}
        network = self.networks.get(source.cidr)
        return f"{network} ({source.cidr})" if network else source.cidr


def networks_of(rules: Iterable[StoredRule | SecurityGroupRule]) -> dict[str, str]:
    """Name networks by the descriptions of their rules: {"203.0.113.0/24": "Office"}."""
    return {rule.remote_cidr: rule.description for rule in rules if rule.remote_cidr and rule.description}


def peers_of(tenant: Tenant) -> list[Peer]:
    """List everybody with a port in the tenant, by the id of the server."""
    rows = Port.objects.filter(tenant=tenant).exclude(device_id="").order_by("device_id", "external_id")
    return [
        Peer(device_id, [ip["address"] for ip in ips if ip["address"]], frozenset(group_ids))
        for device_id, ips, group_ids in rows.values_list("device_id", "fixed_ips", "security_group_ids")
    ]


def members_of(peers: Iterable[Peer]) -> dict[str, int]:
    """Count how many servers there are in each group."""
    found: dict[str, set[str]] = {}
    for peer in peers:
        for one in peer.group_ids:
            found.setdefault(one, set()).add(peer.name)
    return {one: len(names) for one, names in found.items()}


def wires(lines: Iterable[Line], words: Words, *, changed: bool) -> list[Wire]:
    """Draw the lines of who gets in. Where nothing changes, those that are open to anywhere stand out instead."""
    found = []
    for line in lines:
        role = {"opens": "opens", "closes": "closes", "stays": "same"}[line.verdict]
        said = {"opens": _("opens"), "closes": _("closes"), "stays": _("stays open")}[line.verdict]
        if not changed:
            role, said = ("opens", _("open to anywhere")) if line.source.anywhere else ("same", _("lets in"))
        what = ports(line.protocol, line.low, line.high)
        found.append(Wire(role, words.name(line.source), words.small(line.source, line.families), what, said, True))
    return found


def outgoing(lines: Iterable[Line], words: Words) -> list[Wire]:
    """Draw the lines of what gets out, as far as it changes."""
    found = []
    for line in lines:
        said = {"opens": _("may leave"), "closes": _("no longer leaves")}.get(line.verdict)
        if said:
            to = _("To %(target)s") % {"target": words.inside(line.source, outside=_("anywhere"))}
            small = words.small(line.source, line.families) if line.source.anywhere else ""
            what = ports(line.protocol, line.low, line.high)
            found.append(Wire(line.verdict, to, small, what, said, True))
    return found


def losses(
    server: Server,
    lines: Iterable[Line],
    before: Sequence[StoredRule],
    after: Sequence[StoredRule],
    peers: Sequence[Peer],
) -> list[str]:
    """Say who else can no longer reach what of it: ["worker-01 to worker-06 can no longer reach 5432/tcp here."]."""
    others = [peer for peer in peers if peer.name != server.external_id]
    lost: dict[tuple[str, ...], list[str]] = {}
    for line in lines:
        if line.verdict == "closes" and not line.source.anywhere:
            ids = tuple(sorted({peer.name for peer in reach.losers(line, before, after, others)}))
            if ids:
                what = ports(line.protocol, line.low, line.high) if line.protocol else _("every port")
                lost.setdefault(ids, []).append(what)
    every = {one for ids in lost for one in ids}
    rows = Server.objects.filter(tenant=server.tenant_id, external_id__in=every).values_list("external_id", "name")
    names = dict(rows) if lost else {}
    said = []
    for ids, parts in lost.items():
        found = sorted(names[one] for one in ids if one in names)
        if found:
            values = {"names": run_together(found), "ports": _(" and ").join(parts)}
            said.append(_("%(names)s can no longer reach %(ports)s here.") % values)
    return said


def run_together(names: Sequence[str]) -> str:
    """["worker-01", … "worker-06"] → "worker-01 to worker-06"; others by name, and how many more there are."""
    stem = names[0].rstrip("0123456789")
    digits = [name.removeprefix(stem) for name in names]
    if len(names) > 2 and stem and all(one.isdecimal() and len(one) == len(digits[0]) for one in digits):
        figures = [int(one) for one in digits]
        if figures == list(range(figures[0], figures[0] + len(figures))):
            return _("%(first)s to %(last)s") % {"first": names[0], "last": names[-1]}
    if len(names) > _NAMED:
        rest = len(names) - _NAMED
        more = ngettext("%(names)s and %(n)s more server", "%(names)s and %(n)s more servers", rest)
        return more % {"names": ", ".join(names[:_NAMED]), "n": number(rest)}
    if len(names) == 1:
        return names[0]
    return _("%(first)s and %(last)s") % {"first": ", ".join(names[:-1]), "last": names[-1]}


def answer(ways: Sequence[Way], words: Words, outside: str) -> str:
    """List who reaches a port and by which groups: "everyone on the internet, by web-public". Nobody: "nobody"."""
    if not ways:
        return _("nobody")
    # Who is everyone is also each of the others.
    told = [way for way in ways if way.source.anywhere] or ways
    return "; ".join(
        _("%(who)s, by %(groups)s")
        % {
            "who": words.inside(way.source, outside=outside),
            "groups": _(" and ").join(words.ends.names.get(one, one) for one in way.group_ids),
        }
        for way in told
    )
