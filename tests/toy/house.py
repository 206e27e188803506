"""The toy's cloud: lamps by the name of their tenant, in memory, with what can go wrong."""

from collections.abc import Callable
from dataclasses import dataclass, field

from pydantic import BaseModel

from clouds import errors


class SeenLamp(BaseModel):
    """A lamp as the toy tells it."""

    external_id: str
    name: str
    status: str
    watts: int


@dataclass
class House:
    """The lamps of one tenant. `calls` are the changes that came through; `away` makes every request fail."""

    lamps: dict[str, SeenLamp] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    away: bool = False
    # What happens after a change was made and before its answer arrives, once.
    then: Callable[[], None] | None = None

    def all(self) -> list[SeenLamp]:
        """Return every lamp. ServerFault while the house is away."""
        if self.away:
            raise errors.ServerFault("The toy returned an error (503).")
        return list(self.lamps.values())

    def get(self, external_id: str) -> SeenLamp:
        """Return one lamp. NotFound if there is none."""
        found = {lamp.external_id: lamp for lamp in self.all()}
        if external_id not in found:
            raise errors.NotFound("The toy found no such resource (404).")
        return found[external_id]

    def switch(self, external_id: str, status: str) -> None:
        """Switch a lamp."""
        lamp = self.get(external_id)
        self.calls.append(f"{external_id} {status}")
        self.lamps[external_id] = lamp.model_copy(update={"status": status})
        then, self.then = self.then, None
        if then:
            then()


# By the tenant's name in the toy. The test fills and empties it.
HOUSES: dict[str, House] = {}
