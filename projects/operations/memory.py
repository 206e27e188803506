"""What a run remembers: written before it is needed, and there for whichever worker goes on."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from projects.models import Operation
from projects.operations import claims, figures


class Memory:
    """Facts about one operation that outlive the worker. Writing raises OvertakenError when it is no longer ours."""

    def __init__(self, operation: Operation) -> None:
        self.operation = operation
        self.tenant = operation.tenant

    @property
    def memory(self) -> dict[str, Any]:
        """What was remembered, by this worker or another before it. Read it; `remember` writes."""
        memory: dict[str, Any] = self.operation.memory
        return memory

    def remember(self, **facts: Any) -> None:
        """Keep facts for whoever goes on. Written before it returns."""
        claims.write(self.operation, memory={**self.memory, **facts})

    def accepted(self, **facts: Any) -> None:
        """Note that the cloud has taken the change on; facts about it are kept with the same write."""
        now, first = timezone.now(), self.operation.accepted_at is None
        fields: dict[str, Any] = {"accepted_at": now} if first else {}
        if facts:
            fields["memory"] = {**self.memory, **facts}
        if fields:
            claims.write(self.operation, **fields)
        if first:
            figures.accepted(self.operation, now)

    def done(self, key: str) -> bool:
        """Tell whether the cloud took on what was sent under this key, from this worker or one before."""
        return bool(self.memory.get(key))

    def note_done(self, key: str) -> None:
        """Note that the goal under this key was seen to be reached, whoever reached it."""
        self.accepted(**{key: timezone.now().isoformat()})

    def age(self, key: str) -> float:
        """Return the seconds since the time that is remembered under this key."""
        return (timezone.now() - datetime.fromisoformat(self.memory[key])).total_seconds()
