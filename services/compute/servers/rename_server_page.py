"""The page that renames a server."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.ui.forms import Way
from projects.outcomes import Refusal
from projects.pages.action_pages import About, ActionPage, Words
from services.compute.servers.forms import OfServer
from services.compute.servers.kind import SERVERS


class RenameServerForm(OfServer):
    """A server's name. The form remembers the one that it was opened with, so that nobody's is lost."""

    action = "rename-server"

    name = forms.CharField(label=gettext_lazy("Name"), max_length=255)
    was_name = forms.CharField(widget=forms.HiddenInput, max_length=255, required=False)

    def prepare(self) -> None:
        self.initial.update(name=self.server.name, was_name=self.server.name)

    def refuse(self, refusal: Refusal) -> None:
        """Offer to overwrite the name that somebody else gave it meanwhile."""
        if refusal.field == "name" and self["was_name"].value() not in (None, self.server.name):
            way = Way(_("Put mine in its place"), value=self.server.name, field="was_name")
            refusal = Refusal("name", refusal.reason, [way])
        super().refuse(refusal)


def words(about: About) -> Words:
    """Say what stands on the page."""
    return Words(
        title=_("Rename %(server)s") % {"server": about.thing},
        text=_("Changes the name shown here. The host name inside the server stays the same."),
        button=_("Rename"),
    )


PAGE = ActionPage(kind=SERVERS, path="rename/", form=RenameServerForm, words=words)
