"""The page that deletes a security group: what is lost with it, and what is kept."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.ui import formats
from projects.forms.confirming import NameAgainForm
from projects.pages.action_pages import CONFIRM, About, ActionPage, Words
from services.network.models import SecurityGroup, SecurityGroupRule
from services.network.security_groups import rules
from services.network.security_groups.kind import SECURITY_GROUPS
from services.network.security_groups.other_ends import other_ends


class DeleteSecurityGroupForm(NameAgainForm):
    """Confirms the end of a group."""

    action = "delete-security-group"

    def given(self) -> dict[str, Any]:
        return {"group_id": self.initial["thing"].external_id}


def words(about: About) -> Words:
    """Say what stands on the page."""
    title = _("Delete %(group)s") % {"group": about.thing}
    lost, kept = ends(about.thing)
    return Words(
        title=title,
        text=_("In %(place)s.") % {"place": about.place},
        button=title,
        template=CONFIRM,
        context={"lost": lost, "kept": kept, "icon": "trash-2", "foot_note": _("There is no undo.")},
    )


def ends(group: SecurityGroup) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """Say what is lost with a group and what is kept: its rules, and the rules of other groups that name it."""
    tenant = group.tenant
    own = list(SecurityGroupRule.objects.filter(tenant=tenant, group_id=group.external_id))
    others = SecurityGroupRule.objects.filter(tenant=tenant, remote_group_id=group.external_id).exclude(
        group_id=group.external_id
    )
    names = other_ends(tenant).names
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


PAGE = ActionPage(kind=SECURITY_GROUPS, path="delete/", form=DeleteSecurityGroupForm, words=words, ends=True)
