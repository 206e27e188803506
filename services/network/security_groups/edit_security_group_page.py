"""The page that gives a security group another name or description."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from projects.forms.editing import Editing
from projects.pages.action_pages import About, ActionPage, Words
from services.network.security_groups.kind import SECURITY_GROUPS


class EditSecurityGroupForm(Editing):
    """A group's name and description."""

    action = "edit-security-group"
    param = "group_id"

    name = forms.CharField(label=gettext_lazy("Name"), max_length=255)


def words(about: About) -> Words:
    """Say what stands on the page."""
    return Words(
        title=_("Edit %(group)s") % {"group": about.thing},
        text=_("The ID stays the same, and no server is affected."),
        button=_("Save"),
    )


PAGE = ActionPage(kind=SECURITY_GROUPS, path="edit/", form=EditSecurityGroupForm, words=words)
