"""Platforms: the kinds of clouds that a location may be. A wing declares each (services/<platform>/platform.py).

The ground knows a platform by this only: how to act there as a person, whose tenants there are, what there is to read,
whether it answers, and how an operator adds one.
"""

from abc import ABC, abstractmethod
from argparse import ArgumentParser
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar, Generic, TypeVar
from uuid import UUID

from django_stubs_ext import StrOrPromise

from clouds.errors import CloudError
from projects.models import Location, Membership, Tenant
from projects.refresh.health import Outcome
from projects.refresh.reading import Seen
from projects.registry import ClassRegistry

S = TypeVar("S")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Service:
    """One service of a platform, or one part of it: its name in addresses and rows, and as people read it."""

    key: str
    label: StrOrPromise
    # What its operators call it, where that is another word.
    product: str = ""


@dataclass(frozen=True, slots=True)
class Measure:
    """What a service counts against a limit: `unit` is shown, after a division of what is stored by `divisor`."""

    key: str
    label: StrOrPromise
    service: str
    unit: str = ""
    divisor: int = 1
    # Its place among those that pages show first, and among those that are plotted over time; 0: it has none.
    place: int = 0
    plot: int = 0
    # The list where a project finds what it can free, by its address below a tenant, and words for going there.
    freed_in: tuple[str, StrOrPromise] | None = None


class UnfitError(Exception):
    """What an operator gave does not make a location. `field` is the Location's field to mend."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class UnsettledError(Exception):
    """Nobody can be let in before the location's operator has settled what the message says."""


@dataclass(frozen=True, slots=True)
class Place:
    """A tenant as the cloud names it. Where a tenant has two names, `space` is the second: the part within `name`."""

    external_id: str
    name: str
    domain_id: str = ""
    description: str = ""
    space: str = ""


@dataclass(frozen=True, slots=True)
class Admitted:
    """A person in a tenant, as the cloud says it. `keep` keeps what lets them in, once the tenant has a row."""

    place: Place
    roles: Sequence[str]
    user_id: str
    keep: Callable[[Tenant], None] | None = None


@dataclass(frozen=True, slots=True)
class Discovered:
    """What a location says of a person. `unsure` are ids of tenants whose roles it could not tell this time.

    `answered` are the services that were asked for it.
    """

    admitted: Sequence[Admitted]
    answered: Collection[str]
    unsure: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Examined:
    """A location that was looked at: its fields, and what else was found out, to be kept when it has a row."""

    fields: Mapping[str, object]
    keep: Callable[[Location], None] = field(default=lambda location: None)


class Found(StrEnum):
    """How one link of the chain to a location is."""

    OK = "ok"
    LACKING = "lacking"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Link:
    """One link of the chain to a location's services: what was found there, and what to mend."""

    name: str
    outcome: Found
    found: str
    mend: str = ""
    error: CloudError | None = None


class Platform(ABC, Generic[S]):
    """One kind of clouds. `S` is its session: what an action's `run.cloud` is. Instances have no state."""

    key: ClassVar[str]
    label: ClassVar[StrOrPromise]
    # In the order of pages.
    services: ClassVar[Sequence[Service]]
    measures: ClassVar[Sequence[Measure]] = ()
    # The one that lets people in.
    entrance: ClassVar[str]
    # The services whose things are read; of a platform without any, tenants have no inventory.
    reads: ClassVar[Sequence[str]] = ()
    # The fields of its location form that say how it is reached: when one of them changes it is looked at anew.
    connection: ClassVar[Sequence[str]]

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

    def program(self, tenant: Tenant) -> Sequence[str]:
        """Return the words that begin a command of the platform's own client for this tenant; none without a client."""
        return ()

    def said_of(self, tenant: Tenant) -> str:
        """Say what a tenant without an inventory is called there."""
        return tenant.external_name

    @abstractmethod
    def discover(self, location: Location, grant: UUID) -> Discovered:
        """Ask the location for the tenants and roles of the person of this login.

        Raises as `as_person` does, and UnsettledError.
        """

    def why_refused(self, error: CloudError) -> str:
        """Return why a person could not be looked up, in a sentence."""
        return f"{error.reason} {error.detail}".strip()

    def blame(self, location: Location, error: CloudError) -> list[Outcome]:
        """Return what an outage at the entrance says of the location's health."""
        return [Outcome(self.entrance, error)]

    def read(self, tenant: Tenant, grant: UUID, *, slow: bool, reader: Membership | None) -> Seen:
        """Read the tenant as the person of this login; with `slow` also what changes seldom.

        What goes wrong with one service is told by its part. Raises as `as_person` does.
        """
        raise NotImplementedError(f"{self.key} has no inventory")

    @abstractmethod
    def ping(self, location: Location, *, entrance: bool = False) -> list[Outcome]:
        """Ask each service, or the entrance alone, whether it answers. No token, and no query."""

    # What operators do.

    @abstractmethod
    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the options of `manage.py add_location` that are its own."""

    @abstractmethod
    def given(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """Return the Location's fields that these options stand for. UnfitError for what can't be."""

    @abstractmethod
    def examine(self, given: Mapping[str, Any], access_token: str | None = None) -> Examined:
        """Look at a cloud by the fields of its location; with a person's access token also from inside.

        UnfitError where it can't be a location.
        """

    @abstractmethod
    def described(self, location: Location) -> Iterator[str]:
        """Say on lines how people come in, and what else an operator wants to see of it at once."""

    @abstractmethod
    def check(self, location: Location, access_token: str | None) -> Iterator[Link]:
        """Walk the whole chain to the location's services."""


PLATFORMS: ClassRegistry[Platform[Any]] = ClassRegistry(Platform, "key")


def of(location: Location) -> Platform[Any]:
    """Return the platform that the location is one of. LookupError where no wing of it is installed."""
    return PLATFORMS[location.kind]


def has_inventory(location: Location) -> bool:
    """Tell whether the location's tenants have things that are read: of others only memberships are known."""
    return bool(of(location).reads)


def with_inventory() -> list[str]:
    """Return the keys of the platforms whose tenants have an inventory, to filter rows with."""
    return [platform.key for platform in PLATFORMS.values() if platform.reads]


def service_of(key: str) -> Service:
    """Return the words of a service by its key; the key itself where no platform declares it."""
    declared = (one for platform in PLATFORMS.values() for one in platform.services)
    return next((one for one in declared if one.key == key), Service(key, key))


def label_of(service: str) -> StrOrPromise:
    """Return how a service is called on pages, by its key."""
    return service_of(service).label


def measures() -> list[Measure]:
    """Return all measures, in the order of their declaration."""
    return [one for platform in PLATFORMS.values() for one in platform.measures]


def measure_of(key: str) -> Measure:
    """Return the words of a measure by its key; the key itself where no platform declares it."""
    return next((one for one in measures() if one.key == key), Measure(key, key, ""))


def plotted() -> dict[str, StrOrPromise]:
    """Return the measures that are plotted over time, with their labels."""
    found = sorted((one for one in measures() if one.plot), key=lambda one: one.plot)
    return {one.key: one.label for one in found}


def busiest() -> str:
    """Return the measure that stands for how busy a tenant is: the first of those that are plotted."""
    return next(iter(plotted()), "")


def measures_of(service: str) -> list[str]:
    """Return the keys of the measures that a service counts."""
    return [one.key for one in measures() if one.service == service]
