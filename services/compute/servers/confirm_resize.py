"""Keep the flavor that a server was resized to."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clouds.openstack import servers
from projects.outcomes import Done, Failed, Outcome, Step
from services.compute.servers.one_server import OneServer, Params
from services.compute.servers.resizing import decide, shape
from services.openstack.actions import Run
from services.openstack.servers import look


class ConfirmResize(OneServer[Params]):
    """Ends a resize: the new flavor stays, and what the cloud kept of the old one is thrown away."""

    name = "confirm-resize"
    params = Params
    label = gettext_lazy("Confirm resize")
    icon = "check"
    asked = gettext_lazy("Confirm the resize of %(server)s")
    done = gettext_lazy("Confirmed the resize of %(server)s")
    command = ("resize", "confirm")
    states = ("VERIFY_RESIZE",)
    only = gettext_lazy("No resize waits for a decision.")

    def steps(self, params: Params, names: Mapping[str, str]) -> Sequence[Step]:
        return (
            Step("decide", _("Confirm it"), _("Asked for it")),
            Step("see", _("See it in its new flavor"), _("It has its new flavor for good")),
        )

    def step(self, run: Run, params: Params) -> Outcome:
        server = look(run, params.server_id)
        going = decide(run, server, "confirmResize", lambda: servers.confirm_resize(run.cloud, params.server_id))
        if going:
            return going
        run.at("see")
        if shape(server) == run.memory["flavor"]:
            return Done()
        return Failed(_("It was reverted meanwhile: the server has its old flavor again."), code="changed_meanwhile")
