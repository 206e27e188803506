"""Unpause a paused server."""

from django.utils.translation import gettext_lazy

from clouds.openstack import servers
from services.compute.servers.changing_state import ChangingState
from services.compute.servers.one_server import Params
from services.openstack.actions import Run


class UnpauseServer(ChangingState[Params]):
    """Lets a paused server go on where it was."""

    name = "unpause-server"
    params = Params
    label = gettext_lazy("Unpause server")
    icon = "play"
    asked = gettext_lazy("Unpause %(server)s")
    done = gettext_lazy("Unpaused %(server)s")
    command = ("unpause",)
    undone_by = "pause-server"
    states = ("PAUSED",)
    only = gettext_lazy("Only a paused server can be unpaused.")
    reached = ("ACTIVE",)
    doing = gettext_lazy("Unpause it")
    seeing = (gettext_lazy("See it run"), gettext_lazy("It runs"))
    seen_when = gettext_lazy("Done when the cloud reports it as active")
    failed = gettext_lazy("%(place)s accepted the request but did not unpause the server.")

    def request(self, run: Run, params: Params) -> str:
        return servers.unpause(run.cloud, params.server_id)
