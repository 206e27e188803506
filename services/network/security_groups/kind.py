"""Security groups with their rules."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from django.utils.translation import gettext_lazy as _
from pydantic import Field, create_model

from projects.api.shapes import Shape, shape_of
from projects.kinds import Kind, News, as_is
from projects.models import Tenant
from projects.searching import by_name
from services.network import figures
from services.network.models import AddressGroup, SecurityGroup, SecurityGroupRule
from services.network.security_groups.news import rule_news, rules_changed
from services.openstack.words import Service

Rule = shape_of("SecurityGroupRule", SecurityGroupRule, base=Shape, unread=list[str])
Rules = Mapping[str, Sequence[SecurityGroupRule]]


def rules_of(tenant: Tenant, groups: Sequence[SecurityGroup]) -> Rules:
    """Read the rules by the id of their group (one query)."""
    found: dict[str, list[SecurityGroupRule]] = defaultdict(list)
    ids = [group.external_id for group in groups]
    for rule in SecurityGroupRule.objects.filter(tenant=tenant, group_id__in=ids).order_by("external_id"):
        found[rule.group_id].append(rule)
    return found


SECURITY_GROUPS = Kind(
    key="security-groups",
    one="security group",
    name=_("Security group"),
    names=_("Security groups"),
    noun=_("security groups"),
    icon="shield",
    group="network",
    position=100,
    hint=lambda group: group.description,
    figures=figures.security_groups,
    news=News(
        {"name": as_is},
        phrases={"rules": rules_changed},
        ours=lambda row: bool(row["owned"]),
        made_by_cloud=lambda name: name == "default",
    ),
    joint_news=rule_news,
    model=SecurityGroup,
    service=Service.NETWORK,
    shape=create_model(
        "SecurityGroup",
        __base__=shape_of("SecurityGroup", SecurityGroup),
        __doc__="A security group; its rules are in the order of their ids.",
        rules=(list[Rule], Field()),  # type: ignore[valid-type]  # made at run time
    ),
    search=lambda q: by_name(q, "description"),
    beside=rules_of,
    more=lambda group, rules: {"rules": rules[group.external_id]},
)

ADDRESS_GROUPS = Kind(
    model=AddressGroup,
    key="address-groups",
    one="address group",
    name=_("Address group"),
    names=_("Address groups"),
    service=Service.NETWORK,
    position=350,
    found=False,
    shape=shape_of("AddressGroup", AddressGroup, addresses=list[str]),
)

RULES = Kind(
    model=SecurityGroupRule,
    key="security-group-rules",
    one="security group rule",
    name=_("Rule"),
    names=_("Rules"),
    service=Service.NETWORK,
    position=340,
    found=False,
    counted_in=("security_groups",),
)
