"""Give a security group another name or description."""

from collections.abc import Iterable, Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import Field

from clouds import errors
from clouds.openstack import security_groups
from clouds.openstack.inventory import network
from projects.actions import editing
from projects.actions import outcome_unknown as standing
from projects.actions.base import Action
from projects.models import Operation, Service, Tenant
from projects.outcomes import Ask, Command, Done, Outcome, Refusal, Step, Thing, name_of
from services.network.models import SecurityGroup
from services.network.security_groups import rule_making
from services.openstack.actions import Run


class Params(editing.Words):
    """A group's new name and description; `was_…` as they were when the person began to edit them."""

    group_id: str
    name: str = Field(min_length=1, max_length=255)
    description: str = Field("", max_length=255)


class EditSecurityGroup(Action[Params]):
    """Changes what a security group is called, never what it lets through."""

    name = "edit-security-group"
    params = Params
    label = gettext_lazy("Edit security group")
    icon = "pencil"
    services = (Service.NETWORK,)

    def title(self, params: Params, names: Mapping[str, str]) -> str:
        was = name_of(names, params.group_id)
        if params.name != was:
            return _("Rename security group %(was)s to %(name)s") % {"was": was, "name": params.name}
        return _("Describe security group %(name)s") % {"name": params.name}

    def told(self, params: Params, names: Mapping[str, str]) -> str:
        was = name_of(names, params.group_id)
        if params.name != was:
            return _("Renamed security group %(was)s to %(name)s") % {"was": was, "name": params.name}
        return _("Described security group %(name)s") % {"name": params.name}

    def things(self, params: Params) -> Sequence[Thing]:
        return [Thing(SecurityGroup, params.group_id)]

    def steps(self, params: Params, names: Mapping[str, str]) -> Sequence[Step]:
        return [Step("write", _("Write it"), _("Written"))]

    def check(self, tenant: Tenant, params: Params) -> Iterable[Refusal]:
        group = rule_making.group_of(tenant, params.group_id)
        if group is None:
            yield rule_making.no_group()
            return
        if (group.name, group.description) == params.wanted:
            yield Refusal("", _("This is what it is called already."))
        elif params.changed_meanwhile(group):
            yield Refusal("", editing.meanwhile(group))
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
        parts: list[list[str]] = [["security", "group", "set"]]
        if params.name != params.was_name:
            parts.append(["--name", params.name])
        if params.description != params.was_description:
            parts.append(["--description", params.description])
        return [[*parts, [name_of(names, params.group_id)]]]

    def undo(self, operation: Operation, params: Params) -> Ask | None:
        if params.was_name is None or params.was_description is None:
            return None
        before = {"name": params.was_name, "description": params.was_description}
        now = {"was_name": params.name, "was_description": params.description}
        return Ask(self.name, {"group_id": params.group_id, **before, **now})

    def stands(self, operation: Operation, params: Params) -> str:
        return standing.unchanged(operation, "write", _("Its name and description are as they were."))


def _write(run: Run, params: Params, group: network.SecurityGroup) -> network.SecurityGroup:
    return security_groups.update(
        run.cloud,
        params.group_id,
        name=None if params.name == group.name else params.name,
        description=None if params.description == group.description else params.description,
        revision=group.revision,
    )
