"""The page that gives a network another name or description."""

from django.utils.translation import gettext as _

from projects.forms.editing import Editing
from projects.pages.action_pages import About, ActionPage, Words
from services.network.networks.kind import NETWORKS


class EditNetworkForm(Editing):
    """A network's name and description."""

    action = "edit-network"
    param = "network_id"


def words(about: About) -> Words:
    """Say what stands on the page."""
    return Words(
        title=_("Rename %(thing)s") % {"thing": about.thing},
        text=_("The ID stays the same, and nothing that uses the network is affected."),
        button=_("Save"),
    )


PAGE = ActionPage(kind=NETWORKS, path="edit/", form=EditNetworkForm, words=words)
