"""Security groups with their rules."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from pydantic import Field, create_model

from projects.api.kinds import Kind
from projects.api.shapes import Shape, shape_of
from projects.models import Service, Tenant
from projects.pages.searching import by_name
from services.network.models import SecurityGroup, SecurityGroupRule

Rule = shape_of("SecurityGroupRule", SecurityGroupRule, base=Shape)
Rules = Mapping[str, Sequence[SecurityGroupRule]]


def rules_of(tenant: Tenant, groups: Sequence[SecurityGroup]) -> Rules:
    """The rules by the id of their group (one query)."""
    found: dict[str, list[SecurityGroupRule]] = defaultdict(list)
    ids = [group.external_id for group in groups]
    for rule in SecurityGroupRule.objects.filter(tenant=tenant, group_id__in=ids).order_by("external_id"):
        found[rule.group_id].append(rule)
    return found


SECURITY_GROUPS = Kind(
    key="security-groups",
    one="security group",
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
