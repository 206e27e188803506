"""Security group rules on a page: lines from who reaches to what."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.ui.formats import number
from projects.pages.health import Wire
from services.network.models import SecurityGroupRule
from services.network.security_groups.other_ends import OtherEnds
from services.network.security_groups.rules import from_anywhere, is_open, order, unread, what


@dataclass(frozen=True, slots=True)
class Peer:
    """The other end of a rule: its name, and what it stands for."""

    name: str
    small: str


def peer(rule: SecurityGroupRule, ends: OtherEnds, members: Mapping[str, int]) -> Peer:
    """Name who is at the other end. `members` has the numbers of servers in groups, by id."""
    if rule.unread:
        return Peer(capfirst(unread(rule.unread)), rule.remote_cidr)
    if rule.remote_address_group_id:
        id_ = rule.remote_address_group_id
        return Peer(_("Address group %(name)s") % {"name": ends.names.get(id_, id_)}, ends.addresses_of(id_))
    if rule.remote_group_id:
        name = ends.names.get(rule.remote_group_id, rule.remote_group_id)
        n = members.get(rule.remote_group_id, 0)
        servers = ngettext("%(n)s server", "%(n)s servers", n) % {"n": number(n)}
        return Peer(_("Group %(name)s") % {"name": name}, servers)
    if from_anywhere(rule):
        return Peer(_("Anywhere"), rule.remote_cidr or ("::/0" if rule.ethertype == "IPv6" else "0.0.0.0/0"))
    if rule.description:
        return Peer(rule.description, rule.remote_cidr)
    return Peer(rule.remote_cidr, "")


def wires(
    rules: Iterable[SecurityGroupRule], direction: str, ends: OtherEnds, members: Mapping[str, int]
) -> list[Wire]:
    """Draw one line for each port and other end; the same for IPv4 and IPv6 becomes one line. Open ones come first."""
    smalls: dict[tuple[bool, str, str], list[str]] = {}
    for rule in rules:
        if rule.direction == direction:
            other = peer(rule, ends, members)
            found = smalls.setdefault((not is_open(rule), what(rule), other.name), [])
            if other.small and other.small not in found:
                found.append(other.small)
    lines = []
    for (closed, ports, name), small in sorted(smalls.items(), key=lambda one: (one[0][0], order(one[0][1]))):
        role = "same" if closed else "opens"
        if direction == "ingress":
            state = _("lets in") if closed else _("open to anywhere")
            lines.append(Wire(role, name, _(" and ").join(sorted(small)), ports, state, mono=True))
        else:
            lines.append(Wire("same", ports, _("may leave"), name, _(" and ").join(sorted(small))))
    return lines
