"""Start a stopped server."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clouds.openstack import servers
from projects.outcomes import Done, Outcome, Step
from services.compute.servers.one_server import OneServer, Params, begin, undone
from services.openstack.actions import Run
from services.openstack.servers import look


class StartServer(OneServer[Params]):
    """Switches a server on."""

    name = "start-server"
    params = Params
    label = gettext_lazy("Start server")
    icon = "play"
    asked = gettext_lazy("Start %(server)s")
    done = gettext_lazy("Started %(server)s")
    command = ("start",)
    undone_by = "stop-server"
    states = ("SHUTOFF",)
    only = gettext_lazy("Only a stopped server can be started.")

    def steps(self, params: Params, names: Mapping[str, str]) -> Sequence[Step]:
        return (
            Step("start", _("Start it"), _("Asked for it")),
            Step("see", _("See it run"), _("It runs"), _("Done when the cloud reports it as active")),
        )

    def step(self, run: Run, params: Params) -> Outcome:
        server = look(run, params.server_id)
        if server.status == "ACTIVE" and not server.task_state:
            run.at("see")
            return Done()
        began = begin(run, server, "start", self.states, lambda: servers.start(run.cloud, params.server_id))
        failed = _("%(place)s took it on and did not start the server.") % {"place": run.place}
        return began or undone(run, server, "start", failed)
