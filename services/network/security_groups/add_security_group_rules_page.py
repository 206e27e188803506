"""The sheet that adds rules to a security group: on the group's page, and on one of its own.

It has its own page when what it would open is looked at, or when it was refused.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.ui import formats
from portal.ui.changing import CommandText
from portal.ui.forms import is_preview
from projects import access
from projects.access import Visit
from projects.forms.base import ActionForm
from projects.models import Role, Tenant
from projects.outcomes import Refusal
from projects.pages import acting, quotas
from projects.pages.action_pages import About, ActionPage, Words
from projects.pages.quotas import Planned
from services.network.models import SecurityGroup, SecurityGroupRule
from services.network.security_groups.kind import SECURITY_GROUPS
from services.network.security_groups.members import servers_of
from services.network.security_groups.openings import Opening, opening_of
from services.network.security_groups.rule_forms import RuleFields


class AddRulesForm(RuleFields):
    """Rules for the group `thing` of the page."""

    action = "add-security-group-rules"

    @property
    def thing(self) -> SecurityGroup:
        """The group of the page."""
        thing: SecurityGroup = self.initial["thing"]
        return thing

    def group_choices(self) -> list[tuple[str, str]]:
        own = self.thing.external_id
        others = [(one, name) for one, name in super().group_choices() if one != own]
        return [(own, _("This group itself")), *others]

    def as_params(self, cleaned: Mapping[str, Any]) -> dict[str, Any]:
        made = [rule.model_dump() for rule in self.built(cleaned).rules]
        return {"group_id": self.thing.external_id, "rules": made}

    def clean(self) -> dict[str, Any]:
        """Refuse an empty choice."""
        if not self.cleaned_data.get("what") and "what" not in self.errors:
            self.refuse(Refusal("what", _("Choose what the rule is about.")))
        return super().clean()


@dataclass(frozen=True, slots=True)
class Sheet:
    """The form, with what it would open and cost."""

    form: AddRulesForm
    url: str
    opening: Opening
    quotas: Sequence[Planned]
    formats: Sequence[CommandText]
    note: str


def sheet_of(visit: Visit, group: SecurityGroup, form: AddRulesForm, there: Sequence[SecurityGroupRule]) -> Sheet:
    """Put a form into the sheet."""
    tenant, n = visit.tenant, servers_of(visit.tenant, group.external_id).count()
    said = ngettext("At once, on %(n)s server.", "At once, on %(n)s servers.", n) % {"n": formats.number(n)}
    return Sheet(
        form=form,
        url=PAGE.url(tenant, group),
        opening=opening_of(form, there, group.external_id),
        quotas=quotas.planned(tenant, form.of(), form.wanted),
        formats=acting.commands(visit, form.of(), form.wanted)["formats"],
        note=_("%(said)s You can undo with one click afterwards.") % {"said": said} if n else "",
    )


def empty_sheet(
    request: HttpRequest, tenant: Tenant, group: SecurityGroup, there: Sequence[SecurityGroupRule]
) -> Sheet:
    """Return the sheet as the group's page shows it. Who may send it, its own address asks."""
    visit = Visit(access.person(request), tenant, Role.READER)
    return sheet_of(visit, group, AddRulesForm(visit, initial={"thing": group}), there)


def words(about: About) -> Words:
    """Say what stands on the page."""
    group: SecurityGroup = about.thing
    there = list(SecurityGroupRule.objects.filter(tenant=about.tenant, group_id=group.external_id))

    def context(form: ActionForm) -> dict[str, Any]:
        return {"adding": sheet_of(about.visit, group, cast(AddRulesForm, form), there)}

    return Words(
        title=_("Add rules to %(group)s") % {"group": group},
        text="",
        button=_("Add rules"),
        template="network/security_group_rules.html",
        initial={"looking": is_preview(about.request)},
        context=context,
    )


PAGE = ActionPage(kind=SECURITY_GROUPS, path="rules/", form=AddRulesForm, words=words)
