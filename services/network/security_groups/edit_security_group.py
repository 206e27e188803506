"""Give a security group another name or description."""

from collections.abc import Iterable, Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import Field

from clouds import errors
from clouds.openstack import security_groups
from clouds.openstack.inventory import network
from portal.ui.commands import Command
from projects.actions import editing
from projects.actions import outcome_unknown as standing
from projects.actions.edit_thing import EditThing
from projects.models import Operation, Tenant
from projects.outcomes import Done, Outcome, Refusal, Thing, name_of
from services.network.models import SecurityGroup
from services.network.security_groups import one_security_group, rule_making
from services.network.security_groups.one_security_group import OneSecurityGroup
from services.openstack.actions import Run


class Params(one_security_group.Params, editing.Words):
    """A group's new name and description; `was_…` as they were when the person began to edit them."""

    name: str = Field(min_length=1, max_length=255)
    description: str = Field("", max_length=255)


class EditSecurityGroup(EditThing[Params, SecurityGroup], OneSecurityGroup[Params]):
    """Changes what a security group is called, never what it lets through."""

    name = "edit-security-group"
    params = Params
    label = gettext_lazy("Edit security group")
    renames = gettext_lazy("Rename security group %(was)s to %(name)s")
    renamed = gettext_lazy("Renamed security group %(was)s to %(name)s")
    describes = gettext_lazy("Describe security group %(name)s")
    described = gettext_lazy("Described security group %(name)s")

    def refusals(self, tenant: Tenant, group: SecurityGroup, params: Params) -> Iterable[Refusal]:
        if against := list(super().refusals(tenant, group, params)):
            yield from against
        elif group.name == "default" != params.name:
            yield Refusal("name", _("The group “default” keeps its name: the cloud gives it to new servers."))
        elif params.name == "default" != group.name:
            yield Refusal("name", _("Each project has one group “default”, which the cloud makes by itself."))

    def step(self, run: Run, params: Params) -> Outcome:
        run.at("write")
        if wait := editing.wait_for_earlier(run, Thing(SecurityGroup, params.group_id)):
            return wait
        group = rule_making.see(run, params.group_id)
        if (group.name, group.description) == params.wanted:
            return Done()
        if run.done("write"):
            return editing.since()
        if params.changed_meanwhile(group):
            return editing.lost(run, group)
        if failed := editing.taken_back(run, group.revision):
            return failed
        run.remember(revision=group.revision)
        try:
            written = run.send("write", lambda: _write(run, params, group))
        except errors.Conflict:
            run.remember(revision=None)  # nothing was done, and the next look shows what has changed
            raise
        run.saw(written)
        return Done()

    def commands(self, params: Params, names: Mapping[str, str]) -> Sequence[Command]:
        return [Command("security group set", params.changed(), [name_of(names, params.group_id)])]

    def stands(self, operation: Operation, params: Params) -> str:
        return standing.unchanged(operation, _("Its name and description are as they were."))


def _write(run: Run, params: Params, group: network.SecurityGroup) -> network.SecurityGroup:
    return security_groups.update(
        run.cloud,
        params.group_id,
        name=None if params.name == group.name else params.name,
        description=None if params.description == group.description else params.description,
        revision=group.revision,
    )
