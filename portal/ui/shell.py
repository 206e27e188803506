"""Everything around a page: the plate, the menu, the crumbs. A page fills a `Shell`, base.html draws it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django_stubs_ext import StrOrPromise

from portal.ui.status import Role


@dataclass(frozen=True, slots=True)
class Place:
    """A location tab on the plate. `health` picks the shape, `word` names it ("Not answering")."""

    name: str
    url: str
    health: Role
    word: StrOrPromise
    current: bool = False


@dataclass(frozen=True, slots=True)
class ProjectLink:
    """An entry of the project menu; `places` counts its locations."""

    name: str
    url: str
    places: int
    current: bool = False


@dataclass(frozen=True, slots=True)
class NavItem:
    """A line of the menu. `count` None shows no number, 0 shows 0."""

    key: str
    label: StrOrPromise
    url: str
    icon: str
    count: int | None = None


@dataclass(frozen=True, slots=True)
class NavGroup:
    """Lines under one heading; without a title they are at the top."""

    items: Sequence[NavItem]
    title: StrOrPromise = ""


@dataclass(frozen=True, slots=True)
class Crumb:
    """One step of the way here; the last one needs no url."""

    label: StrOrPromise
    url: str = ""


@dataclass(frozen=True, slots=True)
class Stamp:
    """The time of the data. `old` turns it into "last known" with the amber triangle; `at` None: not seen yet."""

    at: datetime | None
    old: bool = False


@dataclass(slots=True)
class Shell:
    """Everything base.html draws around a page.

    `version` names the state of what the page shows (any string that changes with it). With it the page keeps itself up
    to date (assets/js/live.js); without it the page stays as loaded. `busy` makes it poll faster while something is
    being created or changed. `operations_url` lists the operations of this place: links with `data-drawer` and
    `?op=<id>` open them from there; `running` counts those in progress.
    """

    active: str = ""
    project: str = ""
    location: str = ""
    projects: Sequence[ProjectLink] = ()
    places: Sequence[Place] = ()
    groups: Sequence[NavGroup] = ()
    crumbs: Sequence[Crumb] = field(default_factory=list)
    stamp: Stamp | None = None
    version: str = ""
    busy: bool = False
    operations_url: str = ""
    running: int = 0

    @property
    def current_place(self) -> Place | None:
        """The location tab that is open."""
        return next((place for place in self.places if place.current), None)
