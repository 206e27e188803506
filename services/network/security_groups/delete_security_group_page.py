"""The page that deletes a security group: what is lost with it, and what is kept."""

from typing import Any

from django.utils.translation import gettext as _

from projects.forms.confirming import NameAgainForm
from projects.pages.action_pages import CONFIRM, About, ActionPage, Words, confirming
from services.network.security_groups.delete_security_group import DeleteSecurityGroup
from services.network.security_groups.kind import SECURITY_GROUPS
from services.network.security_groups.one_security_group import Params


class DeleteSecurityGroupForm(NameAgainForm):
    """Confirms the end of a group."""

    action = "delete-security-group"

    def given(self) -> dict[str, Any]:
        return {"group_id": self.initial["thing"].external_id}


def words(about: About) -> Words:
    """Say what stands on the page."""
    title = _("Delete %(group)s") % {"group": about.thing}
    ends = DeleteSecurityGroup().ends_of(about.thing, Params(group_id=about.thing.external_id))
    return Words(
        title=title,
        text=_("In %(place)s.") % {"place": about.place},
        button=title,
        template=CONFIRM,
        context=confirming(ends, "trash-2", _("There is no undo.")),
    )


PAGE = ActionPage(kind=SECURITY_GROUPS, path="delete/", form=DeleteSecurityGroupForm, words=words, ends=True)
