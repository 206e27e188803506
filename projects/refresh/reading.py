"""One reading of a tenant, as a platform hands it to be written: typed rows, limits, and what went wrong."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, Protocol

from pydantic import BaseModel

from clouds.errors import CloudError
from projects.models import Resource

_WHOLE: Mapping[str, Any] = MappingProxyType({})


class SeenLimit(Protocol):
    """A limit as the cloud told it, by its measure's key; None where the cloud says nothing."""

    @property
    def measure(self) -> str: ...
    @property
    def used(self) -> int | None: ...
    @property
    def allowed(self) -> int | None: ...


@dataclass(frozen=True, slots=True)
class Filled:
    """All rows of a model that were read. `keep` and `only` are differences.write's."""

    model: type[Resource]
    rows: Iterable[BaseModel]
    keep: frozenset[str] = frozenset()
    only: Mapping[str, Any] = field(default_factory=lambda: _WHOLE)


@dataclass(frozen=True, slots=True)
class Part:
    """One service's answer, or why there is none. `own` are the rows that belong to the person who read."""

    service: str
    latency_ms: int
    error: CloudError | None = None
    rows: Sequence[Filled] = ()
    limits: Sequence[SeenLimit] = ()
    own: Sequence[Filled] = ()


@dataclass(frozen=True, slots=True)
class Seen:
    """What was read. `as_of` is when that began: what is told was true then or later.

    `user_id` is the cloud's id of the person who read. `unasked` are services that are read seldom, and were not this
    time. `slow`: what changes seldom was read of `slow_services` too.
    """

    as_of: datetime
    user_id: str
    parts: Sequence[Part]
    elapsed_ms: int = 0
    calls: int = 0
    slow: bool = False
    slow_services: frozenset[str] = frozenset()
    unasked: frozenset[str] = frozenset()

    @property
    def errors(self) -> list[CloudError]:
        """What went wrong, one for each service that failed."""
        return [part.error for part in self.parts if part.error is not None]
