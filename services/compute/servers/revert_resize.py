"""Go back to the flavor that a server had before it was resized."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clouds.openstack import servers
from projects.outcomes import Done, Failed, Outcome, Step
from services.compute.servers.one_server import OneServer, Params
from services.compute.servers.resizing import decide, shape
from services.openstack.actions import Run
from services.openstack.servers import look


class RevertResize(OneServer[Params]):
    """Takes a resize back: the server starts again as the cloud kept it. What it wrote since is lost."""

    name = "revert-resize"
    params = Params
    label = gettext_lazy("Revert resize")
    icon = "undo-2"
    asked = gettext_lazy("Revert the resize of %(server)s")
    done = gettext_lazy("Reverted the resize of %(server)s")
    command = ("resize", "revert")
    states = ("VERIFY_RESIZE",)
    only = gettext_lazy("No resize waits for a decision.")

    def steps(self, params: Params, names: Mapping[str, str]) -> Sequence[Step]:
        return (
            Step("decide", _("Go back to its old flavor"), _("Asked for it")),
            Step("see", _("See it in its old flavor"), _("It has its old flavor again")),
        )

    def step(self, run: Run, params: Params) -> Outcome:
        server = look(run, params.server_id)
        going = decide(run, server, "revertResize", lambda: servers.revert_resize(run.cloud, params.server_id))
        if going:
            return going
        run.at("see")
        if shape(server) != run.memory["flavor"]:
            return Done()
        return Failed(_("It was confirmed meanwhile: the server keeps its new flavor."), code="changed_meanwhile")
