"""Create a security group, with the rules that it begins with."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from pydantic import Field

from clouds.openstack import security_groups
from portal.ui.commands import Command, given, new_name
from projects.actions import base, quota
from projects.actions import outcome_unknown as standing
from projects.actions.base import Action
from projects.models import Operation, Tenant
from projects.outcomes import Done, Outcome, Refusal, Step, Thing, Wait
from services.network.models import SecurityGroup
from services.network.security_groups import rule_making
from services.network.security_groups.rule_making import Rule
from services.openstack import terraform
from services.openstack.actions import Run
from services.openstack.words import Measure, Service

# Neutron gives a new group two rules, which let all out with IPv4 and with IPv6.
_GIVEN = 2


class Params(base.Params):
    """A new group. It lets all out, and in what its rules say."""

    name: str = Field(min_length=1, max_length=255)
    description: str = Field("", max_length=255)
    rules: list[Rule] = Field([], max_length=100)


class CreateSecurityGroup(Action[Params]):
    """Makes a security group, which does nothing until a server has it."""

    name = "create-security-group"
    params = Params
    label = gettext_lazy("Create security group")
    icon = "shield"
    services = (Service.NETWORK,)
    measures = (Measure.SECURITY_GROUPS, Measure.SECURITY_GROUP_RULES)

    def title(self, params: Params, names: Mapping[str, str]) -> str:
        return _("Create security group %(name)s") % {"name": params.name}

    def told(self, params: Params, names: Mapping[str, str]) -> str:
        return _("Created security group %(name)s") % {"name": params.name}

    def things(self, params: Params) -> Sequence[Thing]:
        return []

    def also_named(self, params: Params) -> Sequence[Thing]:
        return [Thing(SecurityGroup, rule.remote_group_id) for rule in params.rules if rule.remote_group_id]

    def steps(self, params: Params, names: Mapping[str, str]) -> Sequence[Step]:
        made = Step("create", _("Create the group"), _("Created the group"))
        if not params.rules:
            return [made]
        n = len(params.rules)
        todo = ngettext("Add %(n)s rule", "Add %(n)s rules", n) % {"n": n}
        return made, Step("rules", todo, ngettext("Added %(n)s rule", "Added %(n)s rules", n) % {"n": n})

    def costs(self, tenant: Tenant, params: Params) -> Mapping[str, int]:
        return {Measure.SECURITY_GROUPS: 1, Measure.SECURITY_GROUP_RULES: _GIVEN + len(params.rules)}

    def check(self, tenant: Tenant, params: Params) -> Iterable[Refusal]:
        fields = {Measure.SECURITY_GROUPS: "name", Measure.SECURITY_GROUP_RULES: "rules"}
        yield from quota.too_much(tenant, self.costs(tenant, params), fields)
        if params.name == "default":
            yield Refusal("name", _("Each project has one group “default”, which the cloud makes by itself."))
        for rule in params.rules:
            if fault := rule_making.fault(tenant, rule):
                yield Refusal("rules", fault)

    def step(self, run: Run, params: Params) -> Outcome:
        run.at("create")
        group_id = run.create_once(
            "group_id",
            find=lambda: [one.external_id for one in security_groups.find_marked(run.cloud, run.mark)],
            create=lambda: security_groups.create(run.cloud, name=params.name, mark=run.mark),
        )
        if group_id is None:
            return Wait(2, _("Looks whether the request has arrived."))
        group = security_groups.get(run.cloud, group_id)
        if group.description == run.mark:
            words = partial(security_groups.update, run.cloud, group_id, description=params.description)
            group = run.send("group_words", words)
        run.made(SecurityGroup, group_id, params.name)
        run.saw(group, *group.rules)
        if lacking := rule_making.missing(run, group, params.rules):
            run.at("rules")
            rule_making.add(run, group_id, params.rules, lacking)
            return Wait(0)
        return Done()

    def commands(self, params: Params, names: Mapping[str, str]) -> Sequence[Command]:
        group = new_name(params.name, "GROUP")
        return [
            Command("security group create", given(("--description", params.description)), [params.name]),
            *(rule_making.command(rule, group, names) for rule in params.rules),
        ]

    def terraform(self, tenant: Tenant, params: Params, names: Mapping[str, str]) -> str:
        fields = {"name": params.name, "description": params.description}
        parts = [terraform.resource(rule_making.GROUP, params.name, fields)]
        parts += [rule_making.resource(rule, params.name, n) for n, rule in enumerate(params.rules, 1)]
        return "\n\n".join(parts)

    def stands(self, operation: Operation, params: Params) -> str:
        if "group_id" in operation.memory:
            return _("The group %(name)s was made and is kept, with the rules that it has by now.") % {
                "name": params.name
            }
        return standing.not_made(operation, "group_id", params.name)
