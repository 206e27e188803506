"""Reboot a server, by asking its operating system or by pulling the plug."""

from collections.abc import Collection, Mapping, Sequence
from typing import Literal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clouds.openstack import servers
from clouds.openstack.inventory import compute
from portal.ui.commands import Command
from projects.outcomes import Done, Failed, Outcome, Step, Wait
from services.compute.servers import one_server
from services.compute.servers.one_server import OneServer, anew, came_of, once
from services.openstack.actions import Run
from services.openstack.servers import look, note_of

# A soft reboot that hangs is ended by a hard one. A second hard one would help nobody: nova lets it fail when the first
# has ended meanwhile (UnexpectedTaskStateError in compute.manager.reboot_instance).
_REBOOTING_SOFTLY = ("rebooting", "reboot_pending", "reboot_started")
# So often a reboot is asked for anew that nova let fail in this way, because somebody's other one came between.
_ANEW = 2
# So many seconds nova's record may take to say how it went, when the server is at nothing any more.
_RECORDED = 60.0
_HARD_STATES = ("ACTIVE", "SHUTOFF", "PAUSED", "SUSPENDED", "ERROR", "REBOOT", "HARD_REBOOT")


class Params(one_server.Params):
    """Which server, and how: soft asks its operating system, hard pulls the plug."""

    kind: Literal["soft", "hard"] = "soft"


class RebootServer(OneServer[Params]):
    """Starts a server anew."""

    name = "reboot-server"
    params = Params
    label = gettext_lazy("Reboot server")
    icon = "rotate-cw"
    asked = gettext_lazy("Reboot %(server)s")
    done = gettext_lazy("Rebooted %(server)s")
    states = ("ACTIVE",)
    only = gettext_lazy("Only a running server can be rebooted. A hard reboot starts others too.")

    def from_states(self, params: Params | None) -> Collection[str]:
        return _HARD_STATES if params is not None and params.kind == "hard" else self.states

    def despite(self, params: Params | None) -> Collection[str]:
        return _REBOOTING_SOFTLY if params is not None and params.kind == "hard" else ()

    def title(self, params: Params, names: Mapping[str, str]) -> str:
        if params.kind == "hard":
            return _("Reboot %(server)s, hard") % self.words(params, names)
        return super().title(params, names)

    def told(self, params: Params, names: Mapping[str, str]) -> str:
        if params.kind == "hard":
            return _("Rebooted %(server)s, hard") % self.words(params, names)
        return super().told(params, names)

    def steps(self, params: Params, names: Mapping[str, str]) -> Sequence[Step]:
        return (
            Step("reboot", _("Reboot it"), _("Asked for it")),
            Step("see", _("See it run"), _("It runs"), _("Done when the cloud reports it as active")),
        )

    def step(self, run: Run, params: Params) -> Outcome:
        server = look(run, params.server_id)
        if not run.done("sent"):
            return self._send(run, server, params)
        run.at("see", note_of(server))
        if server.task_state or server.status in ("REBOOT", "HARD_REBOOT"):
            return Wait(note=note_of(server))
        well = came_of(run, params.server_id)
        if well is None and servers.tells_how_it_went(run.cloud) and run.age("sent_sent_at") < _RECORDED:
            # The server may be active by somebody's other reboot, and ours about to fail because of that.
            return Wait(0.5, note_of(server))
        if server.status == "ACTIVE":
            if well is not False:
                return Done()
            if anew(run, _ANEW):
                return Wait(0)
        elif well:
            return Done(
                _("It was done, and the server has been changed since. %(state)s.") % {"state": note_of(server)}
            )
        return Failed(_("%(place)s took it on and did not reboot the server.") % {"place": run.place}, server.fault)

    def _send(self, run: Run, server: compute.Server, params: Params) -> Outcome:
        run.at("reboot", note_of(server))
        hard = params.kind == "hard"
        if server.task_state and server.task_state not in self.despite(params):
            return Wait(note=note_of(server))
        if server.status not in self.from_states(params) and not run.memory.get("sent_sent_at"):
            said = _("The server can't be rebooted now. %(state)s. Nothing was changed.")
            return Failed(said % {"state": note_of(server)}, server.fault, "wrong_state")
        kind = servers.Reboot.HARD if hard else servers.Reboot.SOFT
        wait = once(run, server, "reboot", lambda: servers.reboot(run.cloud, params.server_id, kind))
        return wait or Wait(0)

    def commands(self, params: Params, names: Mapping[str, str]) -> Sequence[Command]:
        return [Command("server reboot", [f"--{params.kind}"], [self.words(params, names)["server"]])]
