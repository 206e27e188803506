"""What the actions on one server share: from which states they start, why not now, and how a run watches them.

States as nova.compute.api has them: what is refused here nova would refuse, with a 409 that names no way on.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, ClassVar, TypeVar

from django.utils.translation import gettext as _
from django_stubs_ext import StrOrPromise

from clouds import errors
from clouds.openstack import servers
from clouds.openstack.inventory import compute
from projects.actions import ACTIONS, base, outcome_unknown
from projects.actions.base import Action
from projects.models import Tenant
from projects.outcomes import Done, Failed, Outcome, Refusal, Thing, Wait, name_of
from services.compute.models import Server
from services.openstack.actions import Run
from services.openstack.servers import look as look
from services.openstack.servers import note_of as note_of
from services.openstack.servers import task_said as task_said
from services.openstack.words import Service

# The cloud took it on, its record does not say how it ended, and nothing moves: after so many seconds it has given up.
GIVES_UP = 20.0


class Params(base.Params):
    """Which server, by its id."""

    server_id: str


P = TypeVar("P", bound=Params)


class OneServer(Action[P]):
    """A verb on one server. `only` says in words what `states` are; a verb without states can be done in any."""

    services: ClassVar[Sequence[Service]] = (Service.COMPUTE,)
    states: ClassVar[Collection[str]] = ()
    only: ClassVar[StrOrPromise] = ""
    # Whether a lock stands against it. Who is an administrator of the cloud may all the same.
    minds_lock: ClassVar[bool] = True

    def words(self, params: P, names: Mapping[str, str]) -> dict[str, Any]:
        """The server's name, for a sentence."""
        return {"server": name_of(names, params.server_id)}

    def things(self, params: P) -> Sequence[Thing]:
        return (Thing(Server, params.server_id),)

    def check(self, tenant: Tenant, params: P) -> Iterable[Refusal]:
        server = server_of(tenant, params.server_id)
        if server is None:
            yield no_server()
        elif reason := self.why_not(server, params):
            yield Refusal("server_id", reason)
        else:
            yield from self.refusals(server, params)

    def refusals(self, server: Server, params: P) -> Iterable[Refusal]:
        """What else stands against it, when the server is in a state for it."""
        return ()

    def from_states(self, params: P | None) -> Collection[str]:
        """The states that it starts from; None: with the params as they are by default."""
        return self.states

    def despite(self, params: P | None) -> Collection[str]:
        """What the server may be at (its task_state) all the same."""
        return ()

    def why_not(self, server: Server, params: P | None = None) -> str:
        """Why it can't be done with the server as it is now, in one sentence; empty when it can."""
        if self.minds_lock and server.locked:
            return _("It is locked. Unlock it first.")
        if server.task_state and server.task_state not in self.despite(params):
            return _("It is at work (%(task)s). Wait until that ends.") % {"task": task_said(server.task_state)}
        states = self.from_states(params)
        if not states or server.status in states:
            return ""
        if server.status == "VERIFY_RESIZE":
            return _("It waits for a decision: confirm or revert its resize first.")
        return str(self.only)


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
    """The server, as far as the inventory knows it."""
    return Server.objects.filter(tenant=tenant, external_id=server_id).first()


def no_server(field: str = "server_id") -> Refusal:
    """There is no such server."""
    return Refusal(field, _("There is no such server here."))


def begin(
    run: Run, server: compute.Server, key: str, states: Collection[str], send: Callable[[], str]
) -> Outcome | None:
    """Has nova begin, as soon as the server is in one of `states` and at nothing else.

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
    """Has nova do something whose beginning its state may not show. None: it was sent; else wait, look and call again.

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
    """What was sent by `once` and failed in nova's record may be sent again by it. False: it was, `most` times."""
    tries = run.memory.get("anew", 0)
    if tries == most:
        return False
    run.forget("sent", anew=tries + 1, request=None)
    return True


def came_of(run: Run, server_id: str) -> bool | None:
    """How nova's record says that our request ended: well or not. None: it does not say.

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
    """Nova took it on, is not at it any more, and the server is not as it should be: what that means.

    It failed (`failed` says so), or it was done and somebody has changed the server since, or it has not begun.
    """
    well = came_of(run, server.external_id)
    if well:
        said = _("It was done, and the server has been changed since. %(state)s.")
        return Done(said % {"state": note_of(server)})
    if well is None and run.age(key) < GIVES_UP:
        return Wait(0.5, note_of(server))
    return Failed(failed, server.fault)
