"""The forms of security groups: create, name, delete, add rules."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from projects.forms.confirming import NameAgainForm
from projects.forms.editing import Editing
from projects.outcomes import Refusal
from services.network.models import SecurityGroup
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
        """A word about another group of the same name; the cloud allows it."""
        name = self.said("name").strip()
        if not name or name not in self.groups.values():
            return ""
        return _("There is a group %(name)s already. Another one of this name can be made, and is easily mistaken.") % {
            "name": name
        }


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
        """Refuses an empty choice."""
        if not self.cleaned_data.get("what") and "what" not in self.errors:
            self.refuse(Refusal("what", _("Choose what the rule is about.")))
        return super().clean()


class EditSecurityGroupForm(Editing):
    """A group's words."""

    action = "edit-security-group"
    param = "group_id"

    name = forms.CharField(label=gettext_lazy("Name"), max_length=255)


class DeleteSecurityGroupForm(NameAgainForm):
    """Confirms the end of a group."""

    action = "delete-security-group"

    def given(self) -> dict[str, Any]:
        return {"group_id": self.initial["thing"].external_id}
