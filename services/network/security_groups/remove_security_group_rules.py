"""Remove rules from a security group."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from pydantic import Field

from clouds import errors
from clouds.openstack import security_groups
from clouds.openstack.inventory.network import SecurityGroupRule as SeenRule
from portal.ui.commands import Command
from projects.actions import outcome_unknown as standing
from projects.models import Operation, Tenant
from projects.outcomes import Ask, Done, Outcome, Refusal, Step, Thing, Wait, name_of
from services.network.models import SecurityGroup, SecurityGroupRule
from services.network.security_groups import one_security_group, rule_making
from services.network.security_groups.one_security_group import OneSecurityGroup
from services.openstack.actions import Run


class Params(one_security_group.Params):
    """Rules that a group shall have no longer, by their ids."""

    rule_ids: list[str] = Field(min_length=1, max_length=100)


class RemoveSecurityGroupRules(OneSecurityGroup[Params]):
    """Closes what the rules let through, for every server that has the group. At once."""

    name = "remove-security-group-rules"
    params = Params
    label = gettext_lazy("Remove rules")
    icon = "trash-2"

    def title(self, params: Params, names: Mapping[str, str]) -> str:
        said = ngettext("Remove %(n)s rule from %(group)s", "Remove %(n)s rules from %(group)s", len(params.rule_ids))
        return said % _words(params, names)

    def told(self, params: Params, names: Mapping[str, str]) -> str:
        said = ngettext("Removed %(n)s rule from %(group)s", "Removed %(n)s rules from %(group)s", len(params.rule_ids))
        return said % _words(params, names)

    def things(self, params: Params) -> Sequence[Thing]:
        return *super().things(params), *(Thing(SecurityGroupRule, one) for one in params.rule_ids)

    def steps(self, params: Params, names: Mapping[str, str]) -> Sequence[Step]:
        n = len(params.rule_ids)
        todo = ngettext("Remove %(n)s rule", "Remove %(n)s rules", n) % {"n": n}
        return [Step("remove", todo, ngettext("Removed %(n)s rule", "Removed %(n)s rules", n) % {"n": n})]

    def refusals(self, tenant: Tenant, group: SecurityGroup, params: Params) -> Iterable[Refusal]:
        rows = SecurityGroupRule.objects.filter(tenant=tenant, group_id=params.group_id)
        if not rows.filter(external_id__in=params.rule_ids).exists():
            yield Refusal("rule_ids", _("The group no longer has this rule. Somebody may have removed it."))

    def step(self, run: Run, params: Params) -> Outcome:
        run.at("remove")
        group = rule_making.see(run, params.group_id)
        there = [rule for rule in group.rules if rule.external_id in params.rule_ids]
        if not there:
            run.gone(SecurityGroupRule, *params.rule_ids)
            return Done() if "was" in run.memory else Done(_("It was gone already."))
        if "was" not in run.memory:
            # What is not known of a rule can't be made again: then Undo is not offered.
            known = not any(rule.unread for rule in there)
            run.remember(was=[_as_wanted(rule) for rule in there] if known else [])
        for rule in there:
            remove = partial(security_groups.remove_rule, run.cloud, rule.external_id)
            run.send_unless(errors.NotFound, f"remove_{rule.external_id}", remove)
        return Wait(0)

    def commands(self, params: Params, names: Mapping[str, str]) -> Sequence[Command]:
        return [Command("security group rule delete", things=params.rule_ids)]

    def undo(self, operation: Operation, params: Params) -> Ask | None:
        was = operation.memory.get("was")
        return Ask("add-security-group-rules", {"group_id": params.group_id, "rules": was}) if was else None

    def stands(self, operation: Operation, params: Params) -> str:
        untouched = _("The group has the rules that it had.")
        return standing.unchanged(operation, untouched) or _("The group keeps the rules that it has by now.")


def _as_wanted(rule: SeenRule) -> dict[str, Any]:
    """Return what has to be added to have it back."""
    values: dict[str, Any] = rule_making.Rule.model_validate(
        rule.model_dump(include=set(rule_making.Rule.model_fields))
    ).model_dump()
    return values


def _words(params: Params, names: Mapping[str, str]) -> dict[str, object]:
    return {"n": len(params.rule_ids), "group": name_of(names, params.group_id)}
