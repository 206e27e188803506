"""The page that boots a server into rescue mode: from which image."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.ui.forms import CardField, CardSelect
from projects.pages.action_pages import CONFIRM, About, ActionPage, Words, confirming
from services.compute.servers import choices
from services.compute.servers.forms import OfServerConfirmed, against
from services.compute.servers.kind import SERVERS
from services.compute.servers.rescue_server import Params, RescueServer


class RescueServerForm(OfServerConfirmed):
    """The image."""

    action = "rescue-server"

    image_id = CardField(label=gettext_lazy("Boot from"), required=False, widget=CardSelect)

    def prepare(self) -> None:
        own = ("", _("The image that it was made from"))
        self.choose("image_id", [own, *choices.images(self.tenant)])


def words(about: About) -> Words:
    """Say what stands on the page."""
    title = _("Boot %(server)s into rescue mode") % {"server": about.thing}
    wanted = Params(server_id=about.thing.external_id)
    return Words(
        title=title,
        text=_("Log in with its key pair, mount its own disk, repair it, then end rescue mode."),
        button=_("Boot into rescue mode"),
        template=CONFIRM,
        context=confirming(RescueServer().ends_of(about.thing, wanted), "life-buoy"),
        against=against(RescueServer(), about.thing, wanted),
    )


PAGE = ActionPage(kind=SERVERS, path="rescue/", form=RescueServerForm, words=words)
