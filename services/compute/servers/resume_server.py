"""Resume a suspended server."""

from django.utils.translation import gettext_lazy

from clouds.openstack import servers
from services.compute.servers.changing_state import ChangingState
from services.compute.servers.one_server import Params
from services.openstack.actions import Run


class ResumeServer(ChangingState[Params]):
    """Lets a suspended server go on where it was."""

    name = "resume-server"
    params = Params
    label = gettext_lazy("Resume server")
    icon = "play"
    asked = gettext_lazy("Resume %(server)s")
    done = gettext_lazy("Resumed %(server)s")
    command = ("resume",)
    undone_by = "suspend-server"
    states = ("SUSPENDED",)
    only = gettext_lazy("Only a suspended server can be resumed.")
    reached = ("ACTIVE",)
    doing = gettext_lazy("Resume it")
    seeing = (gettext_lazy("See it run"), gettext_lazy("It runs"))
    seen_when = gettext_lazy("Done when the cloud reports it as active")
    failed = gettext_lazy("%(place)s accepted the request but did not resume the server.")

    def request(self, run: Run, params: Params) -> str:
        return servers.resume(run.cloud, params.server_id)
