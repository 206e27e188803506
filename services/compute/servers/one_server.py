"""What the actions on one server share: from which states they start, why not now, and how a run watches them.

States as nova.compute.api has them: what is refused here nova would refuse, with a 409 that names no way on.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, ClassVar, TypeVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_stubs_ext import StrOrPromise

from clouds import errors
from clouds.openstack import servers
from clouds.openstack.inventory import compute
from portal.ui.commands import Command
from projects.actions import ACTIONS, base, outcome_unknown
from projects.actions.one_thing import OneThing
from projects.models import Operation, Tenant
from projects.outcomes import Ask, Done, Failed, Outcome, Refusal, Wait
from services.compute.models import Server
from services.openstack.actions import Run
from services.openstack.servers import look, note_of, task_said
from services.openstack.words import Service

# The cloud took it on, its record does not say how it ended, and nothing moves: after so many seconds it has given up.
GIVES_UP = 20.0


class Params(base.Params):
    """Which server, by its id."""

    server_id: str


P = TypeVar("P", bound=Params)

MISSING = gettext_lazy("There is no such server here.")

# What leads out of states in which hardly anything can be done. The verb that leads out never says it of itself.
WAYS_ON: Mapping[str, StrOrPromise] = {
    "VERIFY_RESIZE": gettext_lazy("It waits for a decision: confirm or revert its resize first."),
    "PAUSED": gettext_lazy("It is paused. Unpause it first."),
    "SUSPENDED": gettext_lazy("It is suspended. Resume it first."),
    "SHELVED": gettext_lazy("It is shelved. Unshelve it first."),
    "SHELVED_OFFLOADED": gettext_lazy("It is shelved. Unshelve it first."),
    "RESCUE": gettext_lazy("It is in rescue mode. End rescue mode first."),
}


class OneServer(OneThing[P, Server]):
    """A verb on one server. `only` says in words what `states` are; a verb without states can be done in any."""

    services: ClassVar[Sequence[str]] = (Service.COMPUTE,)
    model = Server
    param: ClassVar[str] = "server_id"
    missing = MISSING
    states: ClassVar[Collection[str]] = ()
    only: ClassVar[StrOrPromise] = ""
    # Whether a lock stands against it. Who is an administrator of the cloud may all the same.
    minds_lock: ClassVar[bool] = True
    # The words of its command after "openstack server", where nothing but the server's name follows.
    command: ClassVar[Sequence[str]] = ()
    # The action that takes it back, on the same server; empty: it has none, or one of its own.
    undone_by: ClassVar[str] = ""

    def refusals(self, tenant: Tenant, thing: Server, params: P) -> Iterable[Refusal]:
        if reason := self.why_not(thing, params):
            yield Refusal("server_id", reason)
        else:
            yield from self.wrong(thing, params)

    def wrong(self, server: Server, params: P) -> Iterable[Refusal]:
        """Say what else speaks against it, when the server is in a state for it."""
        return ()

    def commands(self, params: P, names: Mapping[str, str]) -> Sequence[Command]:
        return [Command(" ".join(("server", *self.command)), things=[self.words(params, names)["server"]])]

    def undo(self, operation: Operation, params: P) -> Ask | None:
        return Ask(self.undone_by, {"server_id": params.server_id}) if self.undone_by else None

    def from_states(self, params: P | None) -> Collection[str]:
        """Return the states that it starts from; None: with the params as they are by default."""
        return self.states

    def despite(self, params: P | None) -> Collection[str]:
        """Return what the server may be at (its task_state) all the same."""
        return ()

    def why_not(self, server: Server, params: P | None = None) -> str:
        """Say in one sentence why it can't be done with the server as it is now; empty when it can."""
        if self.minds_lock and server.locked:
            return _("It is locked. Unlock it first.")
        if server.task_state and server.task_state not in self.despite(params):
            return _("It is at work (%(task)s). Wait until that ends.") % {"task": task_said(server.task_state)}
        states = self.from_states(params)
        if not states or server.status in states:
            return ""
        return str(WAYS_ON.get(server.status, self.only))


def why_not(action: str, server: Server, **params: Any) -> str:
    """Say why an action can't be done with the server as it is now; empty when it can.

    Of the params only those count that say how: the rest is chosen on the page of the action.
    """
    verb = ACTIONS[action]
    if not isinstance(verb, OneServer):
        raise TypeError(f"{action} is not about one server.")
    wanted = verb.params.model_construct(server_id=server.external_id, **params) if params else None
    return verb.why_not(server, wanted)


def server_of(tenant: Tenant, server_id: str) -> Server | None:
    """Return the server, as far as the inventory knows it."""
    return Server.objects.filter(tenant=tenant, external_id=server_id).first()


def begin(
    run: Run, server: compute.Server, key: str, states: Collection[str], send: Callable[[], str]
) -> Outcome | None:
    """Have nova begin, as soon as the server is in one of `states` and at nothing else.

    For verbs whose beginning shows in the server's state, so that looking first is enough (`run.send`). None: it
    was begun, and is not under way any more; whoever called sees what came of it.
    """
    run.at(key, note_of(server))
    if server.task_state:
        return Wait(note=note_of(server))
    if run.done(key):
        return None
    if server.status not in states:
        # What was sent and not answered may be the reason: the operation's end says that by itself.
        untouched = not outcome_unknown.asked(run.operation, key)
        said = _("The server can't do that now. %(state)s. Nothing was changed.") if untouched else "%(state)s."
        return Failed(said % {"state": note_of(server)}, server.fault, "wrong_state")
    run.send(key, lambda: run.remember(request=send()))
    return Wait(0)


def once(run: Run, server: compute.Server, verb: str, send: Callable[[], str]) -> Wait | None:
    """Have nova do something whose beginning its state may not show. None: it was sent; else wait, look and call again.

    The proof is nova's own record of what was done to a server: one more `verb` of ours than there was before.
    """
    server_id, me = server.external_id, run.cloud.state.user_id

    def record() -> list[str] | None:
        if look(run, server_id).task_state != server.task_state:
            return None  # somebody was before us: what was looked at is old
        return [action.external_id for action in servers.actions_of(run.cloud, server_id)]

    def arrived(known: list[str]) -> bool:
        for action in servers.actions_of(run.cloud, server_id):
            if action.action == verb and action.user_id == me and action.external_id not in known:
                run.remember(request=action.external_id)
                return True
        return False

    return run.send_once("sent", server_id, record=record, arrived=arrived, send=lambda: run.remember(request=send()))


def anew(run: Run, most: int) -> bool:
    """Let `once` send again what failed in nova's record. False: it did so `most` times."""
    tries = run.memory.get("anew", 0)
    if tries == most:
        return False
    run.forget("sent", anew=tries + 1, request=None)
    return True


def came_of(run: Run, server_id: str) -> bool | None:
    """Tell how our request ended by nova's record: well or not. None: it does not say.

    Clouds before 2.51 show a member no more than that it failed.
    """
    request = run.memory.get("request")
    if not request:
        return None
    try:
        action = servers.action_of(run.cloud, server_id, str(request))
    except errors.NotFound:
        return None
    if action.failed:
        return False
    ended = bool(action.events) and all(event.result for event in action.events)
    return True if ended else None


def undone(run: Run, server: compute.Server, key: str, failed: str) -> Outcome:
    """Judge a server that is not as it should be, when nova accepted the request and is not at it any more.

    It failed (`failed` says so), or it was done and somebody has changed the server since, or it has not begun.
    """
    well = came_of(run, server.external_id)
    if well:
        said = _("It was done, and the server has been changed since. %(state)s.")
        return Done(said % {"state": note_of(server)})
    if well is None and run.age(key) < GIVES_UP:
        return Wait(0.5, note_of(server))
    return Failed(failed, server.fault)
