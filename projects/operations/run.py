"""What an action's step works with: the cloud as the person sees it, a memory, and the means to send once."""

from collections.abc import Mapping, Sequence
from typing import Generic, TypeVar

from django.utils import timezone
from django_stubs_ext import StrOrPromise
from pydantic import BaseModel

from projects import observed
from projects.models import Operation, OperationTarget, Resource
from projects.operations import claims
from projects.operations.sending import Sending
from projects.outcomes import Step, Thing

S = TypeVar("S")


class Run(Sending, Generic[S]):
    """One turn of an operation. `cloud` is the session of its platform, entered as the person who asked."""

    def __init__(self, operation: Operation, steps: Sequence[Step], cloud: S) -> None:
        super().__init__(operation)
        self.cloud = cloud
        self._steps = steps

    @property
    def mark(self) -> str:
        """The operation's id, which everything that it makes carries."""
        return self.operation.pk

    @property
    def place(self) -> str:
        """The location's name, for sentences."""
        return self.tenant.location.name

    @property
    def is_first(self) -> bool:
        """Whether nothing can have been sent to the cloud yet: no worker was at it before, this one has just begun."""
        return self.operation.attempts == 1 and not self.memory

    def at(self, key: str, note: StrOrPromise = "") -> None:
        """Note that the run has come to this step: those before it are done. `note` says what it waits for."""
        steps = [dict(step) for step in self.operation.steps]
        now = timezone.now().isoformat()
        if not any(step["key"] == key for step in steps):
            for step in steps:
                step["ended"] = step["ended"] or now
            for passed in self._steps:
                if passed.key == key:
                    break
                if not any(step["key"] == passed.key for step in steps):
                    steps.append({"key": passed.key, "began": now, "ended": now, "note": ""})
            steps.append({"key": key, "began": now, "ended": None, "note": ""})
        steps[-1]["note"] = str(note)
        if steps != self.operation.steps:
            claims.write(self.operation, steps=steps)
            self.tenant.grow()

    def saw(self, *rows: BaseModel) -> None:
        """Show things as the cloud just told them to everybody at once, with what follows for other rows."""
        observed.write(self.tenant, rows)

    def gone(self, model: type[Resource], *external_ids: str, only: Mapping[str, str] | None = None) -> None:
        """Drop the rows of things that the cloud does not know any more; `only` as in `observed.gone`."""
        observed.gone(self.operation, model, external_ids, only=only)

    def made(self, model: type[Resource], external_id: str, name: str = "") -> None:
        """Note a thing that the operation made: its page will list the operation."""
        thing = Thing(model, external_id)
        OperationTarget.objects.get_or_create(operation=self.operation, kind=thing.kind, external_id=external_id)
        if name and external_id not in self.operation.names:
            claims.write(self.operation, names={**self.operation.names, external_id: name})
