"""Stop a running server."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clouds.openstack import servers
from projects.outcomes import Done, Outcome, Step
from services.compute.servers.one_server import OneServer, Params, begin, undone
from services.openstack.actions import Run
from services.openstack.servers import look


class StopServer(OneServer[Params]):
    """Shuts a server down. Its disk, volumes and addresses stay, and count on."""

    name = "stop-server"
    params = Params
    label = gettext_lazy("Stop server")
    icon = "square"
    asked = gettext_lazy("Stop %(server)s")
    done = gettext_lazy("Stopped %(server)s")
    command = ("stop",)
    undone_by = "start-server"
    states = ("ACTIVE",)
    only = gettext_lazy("Only a running server can be stopped.")

    def steps(self, params: Params, names: Mapping[str, str]) -> Sequence[Step]:
        return (
            Step("stop", _("Shut it down"), _("Asked for it"), _("Its operating system has a minute to do so.")),
            Step("see", _("See it stopped"), _("It is stopped"), _("Done when the cloud reports it as shut off")),
        )

    def step(self, run: Run, params: Params) -> Outcome:
        server = look(run, params.server_id)
        if server.status == "SHUTOFF" and not server.task_state:
            run.at("see")
            return Done()
        began = begin(run, server, "stop", self.states, lambda: servers.stop(run.cloud, params.server_id))
        failed = _("%(place)s took it on and did not stop the server.") % {"place": run.place}
        return began or undone(run, server, "stop", failed)
