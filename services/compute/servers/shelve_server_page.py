"""The page that shelves a server: what is lost, and what it goes on taking."""

from django.utils.translation import gettext as _

from projects.pages.action_pages import CONFIRM, About, ActionPage, Words, confirming
from services.compute.servers.forms import OfServerConfirmed, against
from services.compute.servers.kind import SERVERS
from services.compute.servers.one_server import Params
from services.compute.servers.shelve_server import ShelveServer


class ShelveServerForm(OfServerConfirmed):
    """Confirms that the server's memory is lost."""

    action = "shelve-server"


def words(about: About) -> Words:
    """Say what stands on the page."""
    title = _("Shelve %(server)s") % {"server": about.thing}
    wanted = Params(server_id=about.thing.external_id)
    return Words(
        title=title,
        text=_("For a server that is not needed for a while. Unshelve it to start it again."),
        button=title,
        template=CONFIRM,
        context=confirming(ShelveServer().ends_of(about.thing, wanted), "archive"),
        against=against(ShelveServer(), about.thing),
    )


PAGE = ActionPage(kind=SERVERS, path="shelve/", form=ShelveServerForm, words=words)
