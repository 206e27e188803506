"""What there is to fetch for one person: each wing declares its own."""

from abc import ABC, abstractmethod
from typing import Any, ClassVar, Generic, TypeVar

from clouds.errors import CloudError
from projects.fetching.asking import Note, Wanted
from projects.models import Tenant
from projects.registry import ClassRegistry

S = TypeVar("S")


class Fetch(ABC, Generic[S]):
    """Something that one person wants to see now. A wing's module that declares one is all it takes."""

    # What a page asks for (fetching.asking.Wanted).
    what: ClassVar[str]

    @abstractmethod
    def fetch(self, cloud: S, wanted: Wanted) -> Note:
        """Ask the cloud for it, as the person. CloudErrors pass."""

    def why_not(self, tenant: Tenant, error: CloudError) -> str:
        """Return why there is none, in a sentence."""
        return error.reason


FETCHES: ClassRegistry[Fetch[Any]] = ClassRegistry(Fetch, "what")
