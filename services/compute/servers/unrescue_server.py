"""End a server's rescue mode."""

from django.utils.translation import gettext_lazy

from clouds.openstack import servers
from services.compute.servers.changing_state import ChangingState
from services.compute.servers.one_server import Params
from services.openstack.actions import Run


class UnrescueServer(ChangingState[Params]):
    """Starts a server in rescue mode from its own disk again. What the rescue system has is lost."""

    name = "unrescue-server"
    params = Params
    label = gettext_lazy("End rescue mode")
    icon = "life-buoy"
    asked = gettext_lazy("End rescue mode of %(server)s")
    done = gettext_lazy("Ended rescue mode of %(server)s")
    command = ("unrescue",)
    states = ("RESCUE",)
    only = gettext_lazy("The server is not in rescue mode.")
    reached = ("ACTIVE",)
    doing = gettext_lazy("Start it from its own disk")
    seeing = (gettext_lazy("See it run"), gettext_lazy("It runs"))
    seen_when = gettext_lazy("Done when the cloud reports it as active")
    failed = gettext_lazy("%(place)s accepted the request but did not end rescue mode.")

    def request(self, run: Run, params: Params) -> str:
        return servers.unrescue(run.cloud, params.server_id)
