"""Verbs that take a server from one state to another, where the state itself shows that they have begun.

Which states nova lets each start from: nova.compute.api (`check_instance_state`), and the API reference, "Servers - run
an action" (docs.openstack.org/api-ref/compute).
"""

from abc import abstractmethod
from collections.abc import Collection, Mapping, Sequence
from typing import ClassVar, TypeVar

from django.utils.translation import gettext as _
from django_stubs_ext import StrOrPromise

from projects.models import Operation
from projects.outcomes import Ask, Done, Outcome, Step
from services.compute.servers import one_server
from services.compute.servers.one_server import OneServer, begin, undone
from services.openstack.actions import Run
from services.openstack.servers import look, note_of

P = TypeVar("P", bound=one_server.Params)

# Where a server comes back to when what was done is taken back.
_RUNNING = "ACTIVE"


class ChangingState(OneServer[P]):
    """`reached` are the states in which it is done.

    With `undone_by` it is taken back by another verb. That starts the server, so it is offered where it was running.
    """

    reached: ClassVar[Collection[str]]
    # What it does and what is then seen, each before and after, and what did not happen.
    doing: ClassVar[StrOrPromise]
    seeing: ClassVar[tuple[StrOrPromise, StrOrPromise]]
    seen_when: ClassVar[StrOrPromise]
    failed: ClassVar[StrOrPromise]
    starts_again: ClassVar[bool] = False

    def steps(self, params: P, names: Mapping[str, str]) -> Sequence[Step]:
        todo, is_done = self.seeing
        return (
            Step("begin", str(self.doing), _("Request accepted")),
            Step("see", str(todo), str(is_done), str(self.seen_when)),
        )

    def step(self, run: Run, params: P) -> Outcome:
        server = look(run, params.server_id)
        if server.status in self.reached and not server.task_state:
            run.at("see", note_of(server))
            return Done()
        if not run.done("begin") and "was" not in run.memory:
            run.remember(was=server.status)
        began = begin(run, server, "begin", self.states, lambda: self.request(run, params))
        return began or undone(run, server, "begin", str(self.failed) % {"place": run.place})

    @abstractmethod
    def request(self, run: Run, params: P) -> str:
        """Have nova begin; return the cloud's id of the request."""

    def undo(self, operation: Operation, params: P) -> Ask | None:
        if self.starts_again and operation.memory.get("was") != _RUNNING:
            return None  # it was not running before, and would be afterwards
        return super().undo(operation, params)
