"""Suspend a running server."""

from django.utils.translation import gettext_lazy

from clouds.openstack import servers
from services.compute.servers.changing_state import ChangingState
from services.compute.servers.one_server import Params
from services.openstack.actions import Run


class SuspendServer(ChangingState[Params]):
    """Writes a server's memory to its host's disk and stops it. It goes on where it was. It counts in all limits."""

    name = "suspend-server"
    params = Params
    label = gettext_lazy("Suspend server")
    icon = "moon"
    asked = gettext_lazy("Suspend %(server)s")
    done = gettext_lazy("Suspended %(server)s")
    command = ("suspend",)
    undone_by = "resume-server"
    states = ("ACTIVE",)
    only = gettext_lazy("Only a running server can be suspended.")
    reached = ("SUSPENDED",)
    doing = gettext_lazy("Suspend it")
    seeing = (gettext_lazy("See it suspended"), gettext_lazy("It is suspended"))
    seen_when = gettext_lazy("Done when the cloud reports it as suspended")
    failed = gettext_lazy("%(place)s accepted the request but did not suspend the server.")

    def request(self, run: Run, params: Params) -> str:
        return servers.suspend(run.cloud, params.server_id)
