"""The headline figures of a tenant and of a project, ready for the hero and the project rows.

Each wing declares its own (`Headline`): what stands in the hero of a tenant, what in that of a project, which adds up
its tenants, and what in the row of a location.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from portal.ui import formats
from portal.ui.formats import Quantity
from portal.ui.templatetags.meshdeck import FleetPart
from projects.figures import service_of
from projects.kinds import KINDS
from projects.models import Limit, Tenant
from projects.pages.health import Freshness
from projects.registry import Registry

# Stands for a figure that is not known.
UNREAD = "–"


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of the hero (components/figure.html)."""

    label: str
    url: str
    value: object
    unit: str = ""
    lines: tuple[str, ...] = ()
    parts: tuple[FleetPart, ...] = ()
    warn: str = ""
    at: object = None


@dataclass(frozen=True, slots=True)
class RowFigure:
    """One figure in the row of a location: the value with its unit or what it is out of, and a small line below."""

    value: object
    small: str
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a headline is made from: the figures by part and key (0 for what is not known), and the limits."""

    figures: Mapping[str, Mapping[str, Any]]
    limits: Mapping[str, Limit]
    # The time of the data of the headline's own service, where it is old.
    at: datetime | None = None

    def allowed(self, measure: str) -> str:
        """Say how much is allowed: "of 10"; empty where the cloud sets no limit."""
        limit = self.limits.get(measure)
        if limit is None or limit.allowed is None:
            return ""
        return _("of %(n)s") % {"n": formats.number(limit.allowed)}


@dataclass(frozen=True, slots=True)
class Headline:
    """One headline. `part` is of the figures, and names the kind that it is about.

    `hero` makes it for a tenant, or for all tenants of a project added up; label, address and date come by themselves.
    `row` makes it for the row of a location, with the limits that `measures` names. `strip` draws all of them as one
    strip; of old figures it is said that they were so.
    """

    part: str
    position: int
    hero: Callable[[Facts], Figure]
    row: Callable[[Facts], RowFigure] | None = None
    measures: Sequence[str] = ()
    strip: Callable[[Mapping[str, Any], bool], list[FleetPart]] | None = None


HEADLINES: Registry[Headline] = Registry(Headline, lambda one: one.part, order=lambda one: one.position)


def hero(tenant: Tenant, limits: Mapping[str, Limit], fresh: Freshness) -> list[Figure]:
    """Return the figures of the tenant page. Each is dated by itself when its service could not be read."""
    known: Mapping[str, Any] = defaultdict(Counter, tenant.figures)
    drawn = []
    for number, headline in enumerate(HEADLINES.values()):
        at = fresh.old_since(service_of(headline.part))
        figure = headline.hero(Facts(known, limits, at))
        # Where all of it is old, the first figure says so for all.
        said = None if fresh.down and number else at
        url = next(kind.url(tenant.handle) for kind in KINDS.values() if kind.part == headline.part)
        figure = replace(figure, label=_dated(figure.label, said), url=url, at=at)
        drawn.append(figure if headline.part in tenant.figures else unread(figure, _why(fresh, headline.part)))
    return drawn


def together(tenants: Sequence[Tenant]) -> list[Figure]:
    """Return what a project has in all its locations. Old figures count: what runs there still runs."""
    drawn = []
    for headline in HEADLINES.values():
        figure = replace(headline.hero(Facts(_Sum(tenants), {})), url="#places")
        drawn.append(_without_unread(figure, headline.part, tenants))
    return drawn


class _Sum(Mapping[str, Mapping[str, Any]]):
    """The figures of several tenants, added up where they are asked for."""

    def __init__(self, tenants: Sequence[Tenant]) -> None:
        self._all = [tenant.figures for tenant in tenants]

    def __getitem__(self, part: str) -> Mapping[str, Any]:
        added: Counter[str] = Counter()
        for figures in self._all:
            added.update({key: n for key, n in figures.get(part, {}).items() if isinstance(n, int)})
        return added

    def __iter__(self) -> Any:
        return iter({part for figures in self._all for part in figures})

    def __len__(self) -> int:
        return len({part for figures in self._all for part in figures})


def strip(figures: Mapping[str, Any], *, old: bool = False) -> list[FleetPart]:
    """Return what runs as one strip, by the first headline that draws one."""
    draw = next((one.strip for one in HEADLINES.values() if one.strip), None)
    return draw(figures, old) if draw else []


def row(figures: Mapping[str, Any], limits: Mapping[str, Limit]) -> list[RowFigure]:
    """Return the figures of a location's row."""
    known = defaultdict(Counter, figures)
    found = []
    for headline in HEADLINES.values():
        if headline.row is None:
            continue
        one = headline.row(Facts(known, limits))
        found.append(one if headline.part in figures else replace(one, value=UNREAD, small=""))
    return found


def unread(figure: Figure, why: str) -> Figure:
    """Return the figure of something that nobody has read yet, which is no zero."""
    return Figure(figure.label, figure.url, UNREAD, lines=(why,))


def quantity(value: Quantity) -> tuple[str, str]:
    """Split a quantity into its value and its unit."""
    return str(value.value), value.unit


def _without_unread(figure: Figure, part: str, tenants: Sequence[Tenant]) -> Figure:
    """Return the sum, with the names of locations that it lacks because nothing of theirs was ever read."""
    lacking = [tenant.location.name for tenant in tenants if part not in tenant.figures]
    if not lacking:
        return figure
    why = _("not read in %(places)s") % {"places": ", ".join(lacking)}
    if len(lacking) == len(tenants):
        return unread(figure, why)
    return replace(figure, lines=(*figure.lines, why))


def _why(fresh: Freshness, part: str) -> str:
    if fresh.offers(service_of(part)):
        return _("could not be read yet")
    return _("%(place)s does not offer this") % {"place": fresh.tenant.location.name}


def _dated(label: str, at: Any) -> str:
    return _("%(label)s, at %(time)s") % {"label": label, "time": formats.clock(at)} if at else label
