"""Unlock a server."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clouds.openstack import servers
from projects.outcomes import Done, Outcome, Step, Wait
from services.compute.models import Server
from services.compute.servers.one_server import OneServer, Params
from services.openstack.actions import Run
from services.openstack.servers import look


class UnlockServer(OneServer[Params]):
    """Lets the people of the project change and delete it again."""

    name = "unlock-server"
    params = Params
    label = gettext_lazy("Unlock server")
    icon = "lock-open"
    asked = gettext_lazy("Unlock %(server)s")
    done = gettext_lazy("Unlocked %(server)s")
    command = ("unlock",)
    undone_by = "lock-server"

    def why_not(self, server: Server, params: Params | None = None) -> str:
        return "" if server.locked else _("It is not locked.")

    def steps(self, params: Params, names: Mapping[str, str]) -> Sequence[Step]:
        return (Step("unlock", _("Unlock it"), _("Unlocked it")),)

    def step(self, run: Run, params: Params) -> Outcome:
        run.at("unlock")
        if not look(run, params.server_id).locked:
            return Done()
        if run.done("unlock"):
            return Done(_("It was done, and somebody has locked it since."))
        run.send("unlock", lambda: servers.unlock(run.cloud, params.server_id))
        return Wait(0)
