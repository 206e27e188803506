"""The page that creates a security group: its name, and where wanted its first rules."""

from collections.abc import Mapping
from typing import Any, cast

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.ui.forms import is_preview
from projects.forms.base import ActionForm
from projects.pages.action_pages import About, ActionPage, Words
from services.network.security_groups.kind import SECURITY_GROUPS
from services.network.security_groups.openings import opening_of
from services.network.security_groups.rule_forms import RuleFields


class CreateSecurityGroupForm(RuleFields):
    """Its name, and where wanted its first rules."""

    action = "create-security-group"

    name = forms.CharField(label=gettext_lazy("Name"), max_length=255)
    description = forms.CharField(label=gettext_lazy("Description"), max_length=255, required=False)

    def as_params(self, cleaned: Mapping[str, Any]) -> dict[str, Any]:
        made = [rule.model_dump() for rule in self.built(cleaned).rules]
        return {"description": cleaned.get("description", ""), "rules": made} | (
            {"name": cleaned["name"]} if cleaned.get("name") else {}
        )

    def same_name(self) -> str:
        """Warn of another group of the same name; the cloud allows it."""
        name = self.said("name").strip()
        if not name or name not in self.groups.values():
            return ""
        return _(
            "A group called %(name)s exists already. You can create another one, but they are easy to confuse."
        ) % {"name": name}


def words(about: About) -> Words:
    """Say what stands on the page."""
    return Words(
        title=_("Create security group"),
        text=_("In %(place)s. It does nothing until a server has it.") % {"place": about.place},
        button=_("Create security group"),
        template="network/security_group_create.html",
        initial={"looking": is_preview(about.request)},
        context=_context,
    )


def _context(form: ActionForm) -> dict[str, Any]:
    return {"opening": opening_of(cast(CreateSecurityGroupForm, form), [])}


PAGE = ActionPage(kind=SECURITY_GROUPS, path="create/", form=CreateSecurityGroupForm, words=words, makes=True)
