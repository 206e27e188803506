"""Pause a running server."""

from django.utils.translation import gettext_lazy

from clouds.openstack import servers
from services.compute.servers.changing_state import ChangingState
from services.compute.servers.one_server import Params
from services.openstack.actions import Run


class PauseServer(ChangingState[Params]):
    """Freezes a server in its host's memory. It goes on where it was. It counts in all limits."""

    name = "pause-server"
    params = Params
    label = gettext_lazy("Pause server")
    icon = "pause"
    asked = gettext_lazy("Pause %(server)s")
    done = gettext_lazy("Paused %(server)s")
    command = ("pause",)
    undone_by = "unpause-server"
    states = ("ACTIVE",)
    only = gettext_lazy("Only a running server can be paused.")
    reached = ("PAUSED",)
    doing = gettext_lazy("Pause it")
    seeing = (gettext_lazy("See it paused"), gettext_lazy("It is paused"))
    seen_when = gettext_lazy("Done when the cloud reports it as paused")
    failed = gettext_lazy("%(place)s accepted the request but did not pause the server.")

    def request(self, run: Run, params: Params) -> str:
        return servers.pause(run.cloud, params.server_id)
