"""Start a stopped server."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clouds.openstack import servers
from projects.models import Operation
from projects.outcomes import Ask, Command, Done, Outcome, Step
from services.compute.servers.one_server import OneServer, Params, begin, look, undone
from services.openstack.actions import Run


class StartServer(OneServer[Params]):
    """Switches a server on."""

    name = "start-server"
    params = Params
    label = gettext_lazy("Start server")
    icon = "play"
    states = ("SHUTOFF",)
    only = gettext_lazy("Only a stopped server can be started.")

    def title(self, params: Params, names: Mapping[str, str]) -> str:
        return _("Start %(server)s") % self.words(params, names)

    def told(self, params: Params, names: Mapping[str, str]) -> str:
        return _("Started %(server)s") % self.words(params, names)

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

    def commands(self, params: Params, names: Mapping[str, str]) -> Sequence[Command]:
        return [[["server", "start"], [str(self.words(params, names)["server"])]]]

    def undo(self, operation: Operation, params: Params) -> Ask | None:
        return Ask("stop-server", params.model_dump())
