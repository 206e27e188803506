"""Shelve a server."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clouds.openstack import servers
from projects.outcomes import Ends, Lot
from services.compute.models import Server
from services.compute.servers.changing_state import ChangingState
from services.compute.servers.one_server import Params
from services.openstack.actions import Run


class ShelveServer(ChangingState[Params]):
    """Stops a server and saves its disk, so that its host can be used by others. Its memory's content is lost."""

    name = "shelve-server"
    params = Params
    label = gettext_lazy("Shelve server")
    icon = "archive"
    asked = gettext_lazy("Shelve %(server)s")
    done = gettext_lazy("Shelved %(server)s")
    command = ("shelve",)
    undone_by = "unshelve-server"
    states = ("ACTIVE", "SHUTOFF", "PAUSED", "SUSPENDED")
    only = gettext_lazy("Only a running, stopped, paused or suspended server can be shelved.")
    reached = ("SHELVED", "SHELVED_OFFLOADED")
    doing = gettext_lazy("Shelve it")
    seeing = (gettext_lazy("See it shelved"), gettext_lazy("It is shelved"))
    seen_when = gettext_lazy("Done when the cloud reports it as shelved")
    failed = gettext_lazy("%(place)s accepted the request but did not shelve the server.")
    starts_again = True

    def ends_of(self, thing: Server, params: Params) -> Ends:
        return Ends(
            lost=[Lot(_("What runs on it"), _("It is stopped, and its memory's content is lost"))],
            kept=[
                Lot(_("Its disk"), _("The cloud saves it as an image, as large as what is on it")),
                Lot(_("Its addresses and volumes"), _("They stay, and count on")),
                Lot(_("Its vCPUs and memory"), _("They go on counting in the project's limits")),
            ],
        )

    def request(self, run: Run, params: Params) -> str:
        return servers.shelve(run.cloud, params.server_id)
