"""Platforms: the kinds of clouds that a location may be. A wing declares each (services/<platform>/platform.py).

The ground knows a platform by this only: how to act there as a person, whom a person is a member of, what there is to
read, whether it answers, and how an operator adds one.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar
from uuid import UUID

from django_stubs_ext import StrOrPromise

from projects.models import Location, Tenant
from projects.registry import ClassRegistry

S = TypeVar("S")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Service:
    """One service of a platform, or one part of it: its name in addresses and rows, and as people read it."""

    key: str
    label: StrOrPromise


class Platform(ABC, Generic[S]):
    """One kind of clouds. `S` is its session: what an action's `run.cloud` is. Instances have no state."""

    key: ClassVar[str]
    label: ClassVar[StrOrPromise]
    # In the order of pages.
    services: ClassVar[Sequence[Service]]

    @abstractmethod
    def as_person(
        self,
        tenant: Tenant,
        grant: UUID,
        work: Callable[[S], T],
        *,
        request_id: str | None = None,
        seconds: float | None = None,
    ) -> T:
        """Return what `work` gets from the tenant's cloud as the person of this login.

        Where the cloud refuses the token that was kept, `work` is done once more with a fresh one: so it has to look
        before it acts. `request_id` goes along with each call; after `seconds` nothing more is asked. Raises
        CloudError, SessionEnded and ProviderUnreachable.
        """


PLATFORMS: ClassRegistry[Platform[Any]] = ClassRegistry(Platform, "key")


def of(location: Location) -> Platform[Any]:
    """Return the platform that the location is one of. LookupError where no wing of it is installed."""
    return PLATFORMS[location.kind]
