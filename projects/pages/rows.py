"""A project's locations as rows: health, fleet strip, headline numbers, a small line. On welcome and project page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from portal.ui import formats
from portal.ui.formats import Number
from portal.ui.status import Role
from portal.ui.templatetags.meshdeck import FleetPart
from projects import platforms
from projects.models import Limit, Location, Tenant
from projects.pages import figures, health
from projects.pages.figures import RowFigure
from projects.pages.health import Freshness
from projects.pages.usage import Spark


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """One location of a project, in one line."""

    url: str
    name: str
    role: Role
    small: str
    stale: bool
    at: Any
    known: bool
    fleet: Sequence[FleetPart]
    figures: Sequence[RowFigure]
    spark: Sequence[Number | None]
    spark_said: str
    # In place of figures, where there are none: what the platform calls it.
    said: str = ""


def place_row(tenant: Tenant, limits: Mapping[str, Limit], fresh: Freshness, spark: Spark) -> PlaceRow:
    """Return the row of one tenant; `limits` are those that the figures name."""
    location, f = tenant.location, tenant.figures
    if location.health in (Location.Health.ANSWERS, Location.Health.UNKNOWN) and not fresh.old:
        said = str(platforms.of(location).label)
    elif location.health == Location.Health.ANSWERS:
        said = _("answers in part")
    else:
        said = health.word_of(location.health)
    read = platforms.has_inventory(location)
    at = fresh.as_of if read else location.checked_at
    stale = fresh.down
    return PlaceRow(
        url=f"/{tenant.handle}/",
        name=location.name,
        role="warn" if fresh.old else health.role_of(location.health),
        small=f"{said} · {formats.moment(at)}" if at else f"{said} · {_('not read yet')}",
        stale=stale,
        at=fresh.as_of if stale else None,
        known=bool(f),
        fleet=figures.strip(f),
        figures=figures.row(f, limits),
        spark=spark.values,
        spark_said=_spark_said(spark, stale=fresh.old),
        said="" if read else platforms.of(location).said_of(tenant),
    )


def _spark_said(spark: Spark, *, stale: bool) -> str:
    """Return what the small line shows."""
    if not spark.values:
        return _("no samples yet") if stale else _("first sample within 5 min")
    if spark.since:
        return _("vCPUs, %(age)s") % {"age": formats.age(spark.since)}
    return _("vCPUs, 7 days")


def limits_of(tenants: Sequence[Tenant]) -> Mapping[int, Mapping[str, Limit]]:
    """Return the limits that the rows name, by tenant and measure (one query)."""
    measures = [measure for headline in figures.HEADLINES.values() for measure in headline.measures]
    found: dict[int, dict[str, Limit]] = {tenant.pk: {} for tenant in tenants}
    for limit in Limit.objects.filter(tenant__in=found, measure__in=measures):
        found[limit.tenant_id][limit.measure] = limit
    return found
