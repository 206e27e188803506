"""What actions about security groups share: a rule that is wanted, why it can't be, and how it comes to be there."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Literal

from django.utils.translation import gettext as _
from pydantic import Field

from clouds.openstack import security_groups
from clouds.openstack.inventory import network
from clouds.openstack.security_groups import NewRule
from portal.ui.commands import Command, Option, given
from projects.actions import base
from projects.models import Tenant
from projects.outcomes import name_of
from services.network.models import AddressGroup, SecurityGroup
from services.network.security_groups import rules
from services.openstack import terraform
from services.openstack.actions import Run

# Names of protocols that Neutron knows (docs.openstack.org/api-ref/network/v2, security group rules).
PROTOCOLS = frozenset(
    (
        *("ah", "dccp", "egp", "esp", "gre", "icmp", "icmpv6", "igmp", "ipip", "ipv6-encap", "ipv6-frag", "ipv6-icmp"),
        *("ipv6-nonxt", "ipv6-opts", "ipv6-route", "ospf", "pgm", "rsvp", "sctp", "tcp", "udp", "udplite", "vrrp"),
    )
)
GROUP = "openstack_networking_secgroup_v2"
RULE = "openstack_networking_secgroup_rule_v2"


class Rule(base.Params):
    """A rule that is wanted. An empty protocol, port or remote means any; for ICMP the ports are type and code."""

    direction: Literal["ingress", "egress"] = "ingress"
    ethertype: Literal["IPv4", "IPv6"] = "IPv4"
    protocol: str = Field("", max_length=40, description='A name or a number, such as "tcp" or "47".')
    port_min: int | None = Field(None, ge=0, le=65535)
    port_max: int | None = Field(None, ge=0, le=65535)
    remote_cidr: str = Field("", max_length=64)
    remote_group_id: str = Field("", max_length=64)
    remote_address_group_id: str = Field("", max_length=64)
    description: str = Field("", max_length=255)

    @property
    def unread(self) -> Sequence[str]:
        """Nothing: what is wanted is known."""
        return ()


def fault(tenant: Tenant, rule: Rule) -> str:
    """Say why the cloud would not take the rule, in words; empty when it would."""
    return _ports_fault(rule) or _remote_fault(tenant, rule)


def _ports_fault(rule: Rule) -> str:
    protocol, low, high = rules.protocol_of(rule), rule.port_min, rule.port_max
    if protocol.isdigit():
        if int(protocol) > 255:
            return _("%(protocol)s is no protocol: their numbers end at 255.") % {"protocol": protocol}
    elif protocol and protocol not in PROTOCOLS:
        return _("%(protocol)s is no protocol that the cloud knows. Its number works.") % {"protocol": rule.protocol}
    elif protocol.startswith("ipv6-") and rule.ethertype == "IPv4":
        return _("%(protocol)s is a protocol of IPv6.") % {"protocol": rule.protocol}
    if protocol == "icmp":
        if low is None and high is not None:
            return _("A code of ICMP needs its type.")
        if max(low or 0, high or 0) > 255:
            return _("Types and codes of ICMP end at 255.")
        return ""
    if low is None and high is None:
        return ""
    if protocol not in rules.WITH_PORTS:
        return _("Only %(some)s have ports.") % {"some": ", ".join(rules.WITH_PORTS)}
    if low is None or high is None or low > high:
        return _("A range of ports needs its first and its last one, in this order.")
    return "" if low else _("Ports begin at 1.")


def _remote_fault(tenant: Tenant, rule: Rule) -> str:
    if sum(map(bool, (rule.remote_cidr, rule.remote_group_id, rule.remote_address_group_id))) > 1:
        return _("The other end is a network, a group or an address group, not several of them.")
    if rule.remote_cidr:
        found = rules.network_of(rule.remote_cidr)
        if found is None:
            return _("%(cidr)s is not a valid network. Example: 203.0.113.0/24") % {"cidr": rule.remote_cidr}
        if f"IPv{found.version}" != rule.ethertype:
            words = {"cidr": found, "kind": f"IPv{found.version}", "other": rule.ethertype}
            return _("%(cidr)s is a network of %(kind)s, and the rule is one of %(other)s.") % words
    if rule.remote_group_id and group_of(tenant, rule.remote_group_id) is None:
        return _("There is no such group at the other end.")
    address_group = rule.remote_address_group_id
    if address_group and not AddressGroup.objects.filter(tenant=tenant, external_id=address_group).exists():
        return _("There is no such address group at the other end.")
    return ""


def group_of(tenant: Tenant, group_id: str) -> SecurityGroup | None:
    """Find the group in the inventory."""
    return SecurityGroup.objects.filter(tenant=tenant, external_id=group_id).first()


def see(run: Run, group_id: str) -> network.SecurityGroup:
    """Read the group, and let pages show it with its rules as they are."""
    group = security_groups.get(run.cloud, group_id)
    run.saw(group, *group.rules)
    return group


def missing(run: Run, group: network.SecurityGroup, wanted: Sequence[Rule]) -> list[Rule]:
    """List the rules that the group lacks. What the cloud called the same as another one is there."""
    there = {rules.key(rule) for rule in group.rules}
    told = run.memory.get("there", [])
    return [rule for n, rule in enumerate(wanted) if rules.key(rule) not in there and n not in told]


def add(run: Run, group_id: str, wanted: Sequence[Rule], lacking: Iterable[Rule]) -> None:
    """Add the rules that are lacking. One that somebody else was faster with is there, as was wanted."""
    for rule in lacking:
        number = wanted.index(rule)
        added = run.send(f"rule_{number}", partial(security_groups.add_rule, run.cloud, group_id, _new(rule)))
        if not added.new:
            run.remember(there=[*run.memory.get("there", []), number])


def _new(rule: Rule) -> NewRule:
    protocol = rules.protocol_of(rule)
    if protocol == "icmp" and rule.ethertype == "IPv6":
        protocol = "ipv6-icmp"
    cidr = str(rules.network_of(rule.remote_cidr) or rule.remote_cidr)
    return NewRule(**rule.model_dump() | {"protocol": protocol, "remote_cidr": cidr})


def command(rule: Rule, group: str, names: Mapping[str, str]) -> Command:
    """`security group rule create …`: source docs.openstack.org/python-openstackclient."""
    protocol, low, high = rules.protocol_of(rule), rule.port_min, rule.port_max
    options: list[Option] = [f"--{rule.direction}", ("--ethertype", rule.ethertype)]
    if protocol:
        options.append(("--protocol", _new(rule).protocol))
    if protocol == "icmp":
        options += [("--icmp-type", str(low))] if low is not None else []
        options += [("--icmp-code", str(high))] if high is not None else []
    elif low is not None:
        options.append(("--dst-port", str(low) if low == high else f"{low}:{high}"))
    if rule.remote_group_id:
        options.append(("--remote-group", name_of(names, rule.remote_group_id)))
    elif rule.remote_address_group_id:
        options.append(("--remote-address-group", rule.remote_address_group_id))
    elif rule.remote_cidr:
        options.append(("--remote-ip", _new(rule).remote_cidr))
    return Command("security group rule create", [*options, *given(("--description", rule.description))], [group])


def resource(rule: Rule, group: str, number: int) -> str:
    """Write the rule as a Terraform resource beside that of its group."""
    new = _new(rule)
    fields: dict[str, terraform.Value] = {
        "direction": new.direction,
        "ethertype": new.ethertype,
        "protocol": new.protocol,
        "remote_ip_prefix": new.remote_cidr,
        "remote_group_id": new.remote_group_id,
        "remote_address_group_id": new.remote_address_group_id,
        "description": new.description,
        "security_group_id": terraform.attribute(GROUP, group),
    }
    if new.port_min is not None:
        fields["port_range_min"] = new.port_min
    if new.port_max is not None:
        fields["port_range_max"] = new.port_max
    return terraform.resource(RULE, f"{group}_{number}", fields)
