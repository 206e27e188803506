"""Add rules to a security group."""

from collections.abc import Iterable, Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from pydantic import Field

from portal.ui.commands import Command
from projects.actions import outcome_unknown as standing
from projects.actions import quota
from projects.models import Operation, Tenant
from projects.outcomes import Ask, Done, Outcome, Refusal, Step, Thing, Wait, name_of
from services.network.models import SecurityGroup, SecurityGroupRule
from services.network.security_groups import one_security_group, rule_making, rules
from services.network.security_groups.one_security_group import OneSecurityGroup
from services.network.security_groups.rule_making import Rule
from services.openstack.actions import Run
from services.openstack.words import Measure


class Params(one_security_group.Params):
    """Rules that a group shall have besides those it has."""

    rules: list[Rule] = Field(min_length=1, max_length=100)


class AddSecurityGroupRules(OneSecurityGroup[Params]):
    """Lets more in, or out, of every server that has the group. At once."""

    name = "add-security-group-rules"
    params = Params
    label = gettext_lazy("Add rules")
    icon = "plus"
    measures = (Measure.SECURITY_GROUP_RULES,)
    asked = gettext_lazy("Add to %(group)s: %(rules)s")
    done = gettext_lazy("Added to %(group)s: %(rules)s")

    def words(self, params: Params, names: Mapping[str, str]) -> Mapping[str, str]:
        said = [*rules.summary(params.rules, names), *rules.summary(params.rules, names, "egress")]
        return {**super().words(params, names), "rules": "; ".join(said)}

    def also_named(self, params: Params) -> Sequence[Thing]:
        return [Thing(SecurityGroup, rule.remote_group_id) for rule in params.rules if rule.remote_group_id]

    def steps(self, params: Params, names: Mapping[str, str]) -> Sequence[Step]:
        n = len(params.rules)
        todo = ngettext("Add %(n)s rule", "Add %(n)s rules", n) % {"n": n}
        return [Step("add", todo, ngettext("Added %(n)s rule", "Added %(n)s rules", n) % {"n": n})]

    def costs(self, tenant: Tenant, params: Params) -> Mapping[str, int]:
        return {Measure.SECURITY_GROUP_RULES: len(_new(tenant, params))}

    def refusals(self, tenant: Tenant, group: SecurityGroup, params: Params) -> Iterable[Refusal]:
        faults = [fault for rule in params.rules if (fault := rule_making.fault(tenant, rule))]
        for fault in dict.fromkeys(faults):
            yield Refusal("rules", fault)
        if not faults and not _new(tenant, params):
            n = len(params.rules)
            yield Refusal("rules", ngettext("The group has this rule already.", "The group has these already.", n))
        yield from quota.too_much(tenant, self.costs(tenant, params), {Measure.SECURITY_GROUP_RULES: "rules"})

    def step(self, run: Run, params: Params) -> Outcome:
        run.at("add")
        group = rule_making.see(run, params.group_id)
        if "before" not in run.memory:
            run.remember(before=[rule.external_id for rule in group.rules])
        if lacking := rule_making.missing(run, group, params.rules):
            rule_making.add(run, params.group_id, params.rules, lacking)
            return Wait(0)
        wanted = {rules.key(rule) for rule in params.rules}
        mine = [one for one in group.rules if rules.key(one) in wanted]
        made = [one.external_id for one in mine if one.external_id not in run.memory["before"]]
        run.remember(made=made)
        return Done() if made else Done(_("They were there already."))

    def commands(self, params: Params, names: Mapping[str, str]) -> Sequence[Command]:
        return [rule_making.command(rule, name_of(names, params.group_id), names) for rule in params.rules]

    def undo(self, operation: Operation, params: Params) -> Ask | None:
        made = operation.memory.get("made")
        return Ask("remove-security-group-rules", {"group_id": params.group_id, "rule_ids": made}) if made else None

    def stands(self, operation: Operation, params: Params) -> str:
        untouched = _("The group has the rules that it had.")
        return standing.unchanged(operation, untouched) or _("The group keeps the rules that it has by now.")


def _new(tenant: Tenant, params: Params) -> list[Rule]:
    """List the rules that the group does not have in the inventory."""
    rows = SecurityGroupRule.objects.filter(tenant=tenant, group_id=params.group_id)
    there = {rules.key(row) for row in rows}
    return [rule for rule in params.rules if rules.key(rule) not in there]
