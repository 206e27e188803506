"""The pages that change security groups: create, add rules, name, delete."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from portal.ui import formats
from portal.ui.changing import Action, CommandText
from portal.ui.forms import is_preview
from projects import access
from projects.access import Visit
from projects.converters import Handle
from projects.forms.base import ActionForm
from projects.models import Role, Tenant
from projects.pages import acting, quotas
from projects.pages.acting import FormPage
from projects.pages.action_pages import CONFIRM, form_view
from projects.pages.health import Wire
from projects.pages.quotas import Planned
from services.block_storage.volumes.volume_pages import thing_of
from services.compute.models import Server
from services.network.models import SecurityGroup, SecurityGroupRule
from services.network.security_groups import reach, rules
from services.network.security_groups import reach_panel as reaching
from services.network.security_groups.reach_panel import Words
from services.network.security_groups.rule_forms import RuleFields
from services.network.security_groups.rule_making import Rule
from services.network.security_groups.security_group_forms import (
    AddRulesForm,
    CreateSecurityGroupForm,
    DeleteSecurityGroupForm,
    EditSecurityGroupForm,
)

_KEY = "security-groups"


@dataclass(frozen=True, slots=True)
class Opening:
    """What the rules of a form would open: `made` is how many they are."""

    made: int
    wires: Sequence[Wire]
    risks: str


@dataclass(frozen=True, slots=True)
class Adding:
    """The sheet that adds rules to a group, on the group's page and on its own."""

    form: AddRulesForm
    url: str
    opening: Opening
    quotas: Sequence[Planned]
    formats: Sequence[CommandText]
    note: str


def create_group(tenant: Tenant) -> Action:
    """To the form of a new one."""
    return Action(_("Create security group"), f"/{tenant.handle}/{_KEY}/create/", "plus")


def buttons(tenant: Tenant, group: SecurityGroup) -> list[Action]:
    """The head of its page."""
    page = f"/{tenant.handle}/{_KEY}/{group.external_id}/"
    return [Action(_("Add rules"), f"{page}#add", "plus"), Action(_("Edit"), f"{page}edit/", "file-text")]


def of_group(tenant: Tenant, group: SecurityGroup) -> list[Action]:
    """Everything that can be done with a group, for its row's menu."""
    return [*buttons(tenant, group), *more(tenant, group)]


def more(tenant: Tenant, group: SecurityGroup) -> list[Action]:
    """What stands behind the dots of its page."""
    why = _("It belongs to the project and stays.") if group.name == "default" else ""
    url = f"/{tenant.handle}/{_KEY}/{group.external_id}/delete/"
    return [Action(_("Delete"), url, "trash-2", danger=True, blocked=why)]


def opening_of(form: RuleFields, there: Sequence[SecurityGroupRule], group_id: str = "") -> Opening:
    """What the form's rules would open, besides what is open by the rules that are there."""
    wanted: Sequence[Rule] = getattr(form.wanted, "rules", ())
    new = [SecurityGroupRule(group_id=group_id, **rule.model_dump()) for rule in wanted]
    words = Words(form.groups, reaching.networks_of([*there, *new]), {})
    lines = [line for line in reach.compare(there, [*there, *new]) if line.verdict == "opens"]
    out = [line for line in reach.compare(there, [*there, *new], "egress") if line.verdict == "opens"]
    wires = [*reaching.wires(lines, words, changed=True), *reaching.outgoing(out, words)]
    return Opening(len(new), wires, form.risks(list(wanted)))


def adding(visit: Visit, group: SecurityGroup, form: AddRulesForm, there: Sequence[SecurityGroupRule]) -> Adding:
    """The sheet with a form in it."""
    tenant, n = visit.tenant, servers_of(visit.tenant, group.external_id).count()
    said = ngettext("At once, on %(n)s server.", "At once, on %(n)s servers.", n) % {"n": formats.number(n)}
    return Adding(
        form=form,
        url=f"/{tenant.handle}/{_KEY}/{group.external_id}/rules/",
        opening=opening_of(form, there, group.external_id),
        quotas=quotas.planned(tenant, form.of(), form.wanted),
        formats=acting.commands(visit, form.of(), form.wanted)["formats"],
        note=_("%(said)s You can undo with one click afterwards.") % {"said": said} if n else "",
    )


def servers_of(tenant: Tenant, group_id: str) -> QuerySet[Server]:
    """The servers that have the group on any port."""
    return Server.objects.filter(tenant=tenant, security_groups__icontains=f'"{group_id}"')


def opened(request: HttpRequest, tenant: Tenant, group: SecurityGroup, there: Sequence[SecurityGroupRule]) -> Adding:
    """The sheet as the group's page shows it. Who may send it, its own address asks (`add_rules`)."""
    visit = Visit(access.person(request), tenant, Role.READER)
    return adding(visit, group, AddRulesForm(visit, initial={"thing": group}), there)


@form_view
def create(request: HttpRequest, handle: Handle) -> HttpResponse:
    """A new group."""
    said = _("In %(place)s. It does nothing until a server has it.")
    page = FormPage(
        form=CreateSecurityGroupForm,
        title=gettext_lazy("Create security group"),
        text=said % {"place": f"{handle.project} @ {handle.location}"},
        key=_KEY,
        crumb=(gettext_lazy("Security groups"), f"{_KEY}/"),
        template="projects/security_group_create.html",
        context=lambda _request, form: {"opening": opening_of(cast(CreateSecurityGroupForm, form), [])},
    )
    return acting.show(request, access.enter(request, handle), page, looking=is_preview(request))


@form_view
def add_rules(request: HttpRequest, handle: Handle, external_id: str) -> HttpResponse:
    """Rules for a group: the sheet of its page, on a page of its own when it is looked at or refused."""
    group = thing_of(request, handle, SecurityGroup, external_id, AddRulesForm)
    there = list(SecurityGroupRule.objects.filter(tenant=group.tenant, group_id=external_id))

    def context(request: HttpRequest, form: ActionForm) -> dict[str, Any]:
        visit = Visit(access.person(request), group.tenant, Role.MEMBER)
        return {"adding": adding(visit, group, cast(AddRulesForm, form), there)}

    page = FormPage(
        form=AddRulesForm,
        title=_("Add rules to %(group)s") % {"group": group},
        text="",
        key=_KEY,
        crumb=(str(group), f"{_KEY}/{external_id}/"),
        template="projects/security_group_rules.html",
        context=context,
        after=lambda visit, _form: f"/{visit.tenant.handle}/{_KEY}/{external_id}/",
    )
    return acting.show(request, access.enter(request, handle), page, thing=group, looking=is_preview(request))


@form_view
def edit(request: HttpRequest, handle: Handle, external_id: str) -> HttpResponse:
    """A group's name and description."""
    group = thing_of(request, handle, SecurityGroup, external_id, EditSecurityGroupForm)
    page = FormPage(
        form=EditSecurityGroupForm,
        title=_("Edit %(group)s") % {"group": group},
        text=_("Names are for people: the cloud knows it by its id, and no server notices."),
        key=_KEY,
        crumb=(str(group), f"{_KEY}/{external_id}/"),
        button=lambda _form: _("Save"),
        after=lambda visit, _form: f"/{visit.tenant.handle}/{_KEY}/{external_id}/",
    )
    return acting.show(request, access.enter(request, handle), page, thing=group)


@form_view
def delete(request: HttpRequest, handle: Handle, external_id: str) -> HttpResponse:
    """The end of a group."""
    group = thing_of(request, handle, SecurityGroup, external_id, DeleteSecurityGroupForm)
    lost, kept = ends(group)
    page = FormPage(
        form=DeleteSecurityGroupForm,
        title=_("Delete %(group)s") % {"group": group},
        text=_("In %(place)s.") % {"place": f"{handle.project} @ {handle.location}"},
        key=_KEY,
        crumb=(str(group), f"{_KEY}/{external_id}/"),
        template=CONFIRM,
        button=lambda _form: _("Delete %(group)s") % {"group": group},
        context=lambda _request, _form: {
            "lost": lost,
            "kept": kept,
            "icon": "trash-2",
            "foot_note": _("There is no undo."),
        },
    )
    return acting.show(request, access.enter(request, handle), page, thing=group)


def ends(group: SecurityGroup) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """What is lost with a group and what is kept: its rules, and the rules of other groups that name it."""
    tenant = group.tenant
    own = list(SecurityGroupRule.objects.filter(tenant=tenant, group_id=group.external_id))
    others = SecurityGroupRule.objects.filter(tenant=tenant, remote_group_id=group.external_id).exclude(
        group_id=group.external_id
    )
    names = dict(SecurityGroup.objects.filter(tenant=tenant).values_list("external_id", "name"))
    by_group: dict[str, list[SecurityGroupRule]] = {}
    for rule in others:
        by_group.setdefault(rule.group_id, []).append(rule)
    n = len(own)
    said = ngettext("%(n)s rule", "%(n)s rules", n) % {"n": formats.number(n)}
    lost = [{"text": str(group), "small": ", ".join([said, *rules.summary(own, names, own=group.external_id)])}]
    kept = []
    for group_id, named in by_group.items():
        name = names.get(group_id, group_id)
        lost.append({"text": _("Of %(name)s") % {"name": name}, "small": "; ".join(rules.summary(named, names))})
        kept.append({"text": name, "small": _("The group itself, with its other rules")})
    return lost, kept
