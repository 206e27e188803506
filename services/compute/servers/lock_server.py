"""Lock a server against changes by mistake."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clouds.openstack import servers
from projects.outcomes import Done, Outcome, Step, Wait
from services.compute.models import Server
from services.compute.servers.one_server import OneServer, Params
from services.openstack.actions import Run
from services.openstack.servers import look


class LockServer(OneServer[Params]):
    """Until it is unlocked nobody of the project stops, changes or deletes it."""

    name = "lock-server"
    params = Params
    label = gettext_lazy("Lock server")
    icon = "lock"
    asked = gettext_lazy("Lock %(server)s")
    done = gettext_lazy("Locked %(server)s")
    command = ("lock",)
    undone_by = "unlock-server"

    def why_not(self, server: Server, params: Params | None = None) -> str:
        return _("It is locked already.") if server.locked else ""

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
