"""Give a server another name."""

from collections.abc import Iterable, Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import Field

from clouds.openstack import servers
from portal.ui.commands import Command
from projects.actions import outcome_unknown as standing
from projects.actions.editing import wait_for_earlier
from projects.models import Operation
from projects.outcomes import Ask, Done, Failed, Outcome, Refusal, Step, Thing, Wait
from services.compute.models import Server
from services.compute.servers import one_server
from services.compute.servers.one_server import OneServer
from services.openstack.actions import Run
from services.openstack.servers import look


class Params(one_server.Params):
    """Which server, its new name, and the one that it had when the person began: who says that overwrites nobody."""

    name: str = Field(min_length=1, max_length=255)
    was_name: str | None = None


class RenameServer(OneServer[Params]):
    """Changes what a server is called here. Its host name inside stays."""

    name = "rename-server"
    params = Params
    label = gettext_lazy("Rename server")
    icon = "pencil"
    asked = gettext_lazy("Rename %(server)s to %(name)s")
    done = gettext_lazy("Renamed %(server)s to %(name)s")
    minds_lock = False

    def why_not(self, server: Server, params: Params | None = None) -> str:
        return ""  # nova renames in any state

    def wrong(self, server: Server, params: Params) -> Iterable[Refusal]:
        if params.was_name is not None and server.name != params.was_name and server.name != params.name:
            yield Refusal("name", _("It was renamed meanwhile: it is called “%(name)s” now.") % {"name": server.name})
        elif not params.name.isprintable():
            yield Refusal("name", _("A name has no line breaks and no control characters."))

    def words(self, params: Params, names: Mapping[str, str]) -> dict[str, str]:
        return {**super().words(params, names), "name": params.name}

    def steps(self, params: Params, names: Mapping[str, str]) -> Sequence[Step]:
        return (Step("rename", _("Give it the name"), _("Gave it the name")),)

    def step(self, run: Run, params: Params) -> Outcome:
        server = look(run, params.server_id)
        run.at("rename")
        if server.name == params.name:
            return Done()
        if wait := wait_for_earlier(run, Thing(Server, params.server_id)):
            return wait
        if run.done("rename"):
            said = _("It was done, and somebody has renamed it since: it is called “%(name)s” now.")
            return Done(said % {"name": server.name})
        if params.was_name not in (None, server.name):
            return self._lost(run, server.name)
        run.send("rename", lambda: servers.rename(run.cloud, params.server_id, params.name))
        return Wait(0)

    def _lost(self, run: Run, name: str) -> Failed:
        """How it ends when somebody else has renamed the server."""
        if standing.unsure(run.operation, "rename"):
            said = _("It is called “%(name)s” now: somebody has renamed it, before it was done or after.")
        else:
            said = _("It was renamed meanwhile, and is called “%(name)s” now. Nothing was changed.")
        return Failed(said % {"name": name}, code="changed_meanwhile")

    def commands(self, params: Params, names: Mapping[str, str]) -> Sequence[Command]:
        return [Command("server set", [("--name", params.name)], [self.words(params, names)["server"]])]

    def undo(self, operation: Operation, params: Params) -> Ask | None:
        was = operation.names.get(params.server_id, "")
        if not was:
            return None
        return Ask("rename-server", {"server_id": params.server_id, "name": was, "was_name": params.name})
