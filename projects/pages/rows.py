"""A project's locations as rows: health, fleet strip, headline numbers, a small line. On welcome and project page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.ui import formats
from portal.ui.formats import Number, Quantity
from portal.ui.status import Role
from portal.ui.templatetags.meshdeck import FleetPart
from projects.models import Limit, Location, Measure, Tenant
from projects.pages import figures, health
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
    servers: str
    servers_of: str
    volumes: Quantity
    volumes_small: str
    floating: str
    floating_small: str
    spark: Sequence[Number | None]
    spark_said: str
    # In place of figures, where there are none: a Cloud Foundry space says its names.
    said: str = ""


def place_row(tenant: Tenant, servers: Limit | None, fresh: Freshness, spark: Spark) -> PlaceRow:
    """The row of one tenant; `servers` is the limit of servers, if the cloud states one."""
    location, f = tenant.location, tenant.figures
    if location.health in (Location.Health.ANSWERS, Location.Health.UNKNOWN) and not fresh.old:
        said = str(Location.Kind(location.kind).label)
    elif location.health == Location.Health.ANSWERS:
        said = _("answers in part")
    else:
        said = health.word_of(location.health)
    foundry = location.kind == Location.Kind.CLOUDFOUNDRY
    at = location.checked_at if foundry else fresh.as_of
    volumes = f.get("volumes")
    floating = f.get("floating_ips", {}).get("total")
    stale = fresh.down
    return PlaceRow(
        url=f"/{tenant.handle}/",
        name=location.name,
        role="warn" if fresh.old else health.role_of(location.health),
        small=f"{said} · {formats.moment(at)}" if at else f"{said} · {_('not read yet')}",
        stale=stale,
        at=fresh.as_of if stale else None,
        known=bool(f),
        fleet=figures.fleet(f),
        servers=formats.number(f["servers"]["total"]) if "servers" in f else figures.UNREAD,
        servers_of="" if servers is None or servers.allowed is None else formats.number(servers.allowed),
        volumes=formats.gibibytes(volumes["gb"]) if volumes else Quantity(figures.UNREAD, "GB"),
        volumes_small=_("in %(volumes)s") % {"volumes": figures.volumes_said(volumes["total"])} if volumes else "",
        floating=figures.UNREAD if floating is None else formats.number(floating),
        floating_small=ngettext("floating IP", "floating IPs", floating or 0),
        spark=spark.values,
        spark_said=_spark_said(spark, stale=fresh.old),
        said=space_said(tenant) if foundry else "",
    )


def space_said(tenant: Tenant) -> str:
    """What a tenant is at a foundation."""
    return _("org %(org)s, space %(space)s") % {"org": tenant.external_name, "space": tenant.space}


def _spark_said(spark: Spark, *, stale: bool) -> str:
    """What the small line shows."""
    if not spark.values:
        return _("no samples yet") if stale else _("first sample within 5 min")
    if spark.since:
        return _("vCPUs, %(age)s") % {"age": formats.age(spark.since)}
    return _("vCPUs, 7 days")


def server_limits(tenants: Sequence[Tenant]) -> Mapping[int, Limit]:
    """The limit of servers by tenant (one query)."""
    limits = Limit.objects.filter(tenant__in=[tenant.pk for tenant in tenants], measure=Measure.SERVERS)
    return {limit.tenant_id: limit for limit in limits}
