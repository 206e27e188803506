"""Lock a server against changes by mistake."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clouds.openstack import servers
from projects.models import Operation
from projects.outcomes import Ask, Command, Done, Outcome, Step, Wait
from services.compute.models import Server
from services.compute.servers.one_server import OneServer, Params, look
from services.openstack.actions import Run


class LockServer(OneServer[Params]):
    """Until it is unlocked nobody of the project stops, changes or deletes it."""

    name = "lock-server"
    params = Params
    label = gettext_lazy("Lock server")
    icon = "lock"

    def why_not(self, server: Server, params: Params | None = None) -> str:
        return _("It is locked already.") if server.locked else ""

    def title(self, params: Params, names: Mapping[str, str]) -> str:
        return _("Lock %(server)s") % self.words(params, names)

    def told(self, params: Params, names: Mapping[str, str]) -> str:
        return _("Locked %(server)s") % self.words(params, names)

    def steps(self, params: Params, names: Mapping[str, str]) -> Sequence[Step]:
        return (Step("lock", _("Lock it"), _("Locked it")),)

    def step(self, run: Run, params: Params) -> Outcome:
        run.at("lock")
        if look(run, params.server_id).locked:
            return Done()
        if run.done("lock"):
            return Done(_("It was done, and somebody has unlocked it since."))
        run.send("lock", lambda: servers.lock(run.cloud, params.server_id))
        return Wait(0)

    def commands(self, params: Params, names: Mapping[str, str]) -> Sequence[Command]:
        return [[["server", "lock"], [str(self.words(params, names)["server"])]]]

    def undo(self, operation: Operation, params: Params) -> Ask | None:
        return Ask("unlock-server", params.model_dump())
