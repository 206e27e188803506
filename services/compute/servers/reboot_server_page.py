"""The page that reboots a server, softly or hard."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.ui.forms import Card, CardField
from projects.pages.action_pages import About, ActionPage, Words
from services.compute.servers.forms import OfServer, against
from services.compute.servers.kind import SERVERS
from services.compute.servers.reboot_server import Params, RebootServer


class RebootServerForm(OfServer):
    """How it is rebooted."""

    action = "reboot-server"

    kind = CardField(label=gettext_lazy("How"))

    def prepare(self) -> None:
        soft = RebootServer().why_not(self.server, Params(server_id=self.server.external_id))
        self.choose(
            "kind",
            (
                ("soft", Card(_("Soft"), _("Asks the operating system to shut down cleanly and start again."), soft)),
                ("hard", Card(_("Hard"), _("Cuts the power. Data that is not written to the disk yet is lost."))),
            ),
        )
        self.initial.setdefault("kind", "hard")


def words(about: About) -> Words:
    """Say what stands on the page."""
    return Words(
        title=_("Reboot %(server)s") % {"server": about.thing},
        text=_("Open connections to the server are lost. It answers again when it has started."),
        button=_("Reboot"),
        # What speaks against a hard one speaks against both.
        against=against(RebootServer(), about.thing, Params(server_id=about.thing.external_id, kind="hard")),
    )


PAGE = ActionPage(kind=SERVERS, path="reboot/", form=RebootServerForm, words=words)
