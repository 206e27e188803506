"""Delete a security group that no port uses."""

from collections.abc import Iterable, Mapping, Sequence

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from clouds import errors
from clouds.openstack import security_groups
from portal.ui import formats
from portal.ui.commands import Command
from portal.ui.forms import Way
from projects.actions import outcome_unknown as standing
from projects.models import Operation, Resource, Tenant
from projects.outcomes import Done, Ends, Failed, Lot, Outcome, Refusal, Step, Wait, name_of
from services.compute.models import Server
from services.network.models import Port, SecurityGroup, SecurityGroupRule
from services.network.security_groups import rules
from services.network.security_groups.one_security_group import OneSecurityGroup, Params
from services.network.security_groups.other_ends import other_ends
from services.openstack.actions import Run

# So many servers are named; the group's own page has them all.
_NAMED = 4


class DeleteSecurityGroup(OneSecurityGroup[Params]):
    """Takes a group away with its rules, and with the rules of other groups that let its servers in."""

    name = "delete-security-group"
    params = Params
    label = gettext_lazy("Delete security group")
    icon = "trash-2"
    asked = gettext_lazy("Delete security group %(group)s")
    done = gettext_lazy("Deleted security group %(group)s")

    def steps(self, params: Params, names: Mapping[str, str]) -> Sequence[Step]:
        return [Step("delete", _("Delete it"), _("Deleted it"))]

    def ends_of(self, thing: SecurityGroup, params: Params) -> Ends:
        """Its rules go, and the rules of other groups that name it."""
        of_tenant = SecurityGroupRule.objects.filter(tenant=thing.tenant)
        own = list(of_tenant.filter(group_id=thing.external_id))
        others = of_tenant.filter(remote_group_id=thing.external_id).exclude(group_id=thing.external_id)
        names = other_ends(thing.tenant).names
        by_group: dict[str, list[SecurityGroupRule]] = {}
        for rule in others:
            by_group.setdefault(rule.group_id, []).append(rule)
        said = ngettext("%(n)s rule", "%(n)s rules", len(own)) % {"n": formats.number(len(own))}
        lost = [Lot(str(thing), ", ".join([said, *rules.summary(own, names, own=thing.external_id)]))]
        kept = []
        for group_id, named in by_group.items():
            name = names.get(group_id, group_id)
            lost.append(Lot(_("Of %(name)s") % {"name": name}, "; ".join(rules.summary(named, names))))
            kept.append(Lot(name, _("The group itself, with its other rules")))
        return Ends(lost, kept)

    def refusals(self, tenant: Tenant, group: SecurityGroup, params: Params) -> Iterable[Refusal]:
        if group.name == "default":
            yield Refusal("", _("The group “default” belongs to the project and can't be deleted."))
        if ports := users(tenant, params.group_id):
            yield _in_use(tenant, group, ports)

    def step(self, run: Run, params: Params) -> Outcome:
        run.at("delete")
        try:
            group = security_groups.get(run.cloud, params.group_id)
        except errors.NotFound:
            rows = SecurityGroupRule.objects.filter(
                Q(group_id=params.group_id) | Q(remote_group_id=params.group_id), tenant=run.tenant
            )
            run.gone(SecurityGroup, params.group_id)
            run.gone(SecurityGroupRule, *rows.values_list("external_id", flat=True))
            return Done() if run.done("deleted") else Done(_("It was gone already."))
        run.saw(group, *group.rules)
        try:
            run.send_unless(errors.NotFound, "deleted", lambda: security_groups.delete(run.cloud, params.group_id))
        except errors.Conflict as error:
            said = _("It is in use by a port, so %(place)s keeps it. Take it off there first.")
            return Failed(said % {"place": run.place}, error.detail, error.code)
        return Wait(0)

    def commands(self, params: Params, names: Mapping[str, str]) -> Sequence[Command]:
        return [Command("security group delete", things=[name_of(names, params.group_id)])]

    def stands(self, operation: Operation, params: Params) -> str:
        if standing.asked(operation, "deleted"):
            return _("The cloud may delete it all the same.")
        return _("The group and its rules are as they were.")


def users(tenant: Tenant, group_id: str) -> list[Port]:
    """List the ports that have the group."""
    return list(Port.objects.filter(tenant=tenant, security_group_ids__icontains=f'"{group_id}"'))


def _in_use(tenant: Tenant, group: SecurityGroup, ports: Sequence[Port]) -> Refusal:
    """Say by which servers it is in use, each a way to where it can be taken off."""
    rows = list(Server.objects.filter(tenant=tenant, external_id__in={port.device_id for port in ports}))
    if not rows:
        n = len(ports)
        said = ngettext("%(n)s port uses it, so it can't be deleted.", "%(n)s ports use it, so it can't be deleted.", n)
        return Refusal("", said % {"n": n})
    ways = [Way(str(row), url=f"{_page(tenant, 'server', row)}#reach") for row in rows[:_NAMED]]
    if len(rows) > _NAMED:
        page = _page(tenant, "security-group", group)
        ways.append(Way(_("see all %(n)s") % {"n": len(rows)}, url=page))
    said = ngettext(
        "%(n)s server uses it, so it can't be deleted. Take it off first, at",
        "%(n)s servers use it, so it can't be deleted. Take it off first, at",
        len(rows),
    )
    return Refusal("", said % {"n": len(rows)}, ways)


def _page(tenant: Tenant, name: str, row: Resource) -> str:
    return reverse(name, kwargs={"handle": tenant.handle, "external_id": row.external_id})
