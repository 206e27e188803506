"""Used and allowed: every limit that a cloud states, as gauges."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.ui.formats import Number, number
from projects import platforms
from projects.models import Limit, Tenant
from projects.prepared import Prepared, columns, instance
from services.compute.models import Flavor
from services.openstack.words import Measure

NEARLY = 0.8


@dataclass(frozen=True, slots=True)
class Gauge:
    """One bar. `used` None: the cloud does not say; `allowed` None: it sets no limit."""

    measure: str
    label: str
    used: Number | None
    allowed: Number | None
    unit: str
    hint: str


def shown(measure: str, value: int | None) -> Number | None:
    """A stored figure in the unit that it is shown in."""
    divisor = platforms.measure_of(measure).divisor
    return value if value is None or divisor == 1 else Decimal(value) / divisor


def unit(measure: str) -> str:
    """The unit that a measure is shown in, "" for counts."""
    return platforms.measure_of(measure).unit


def limits_of(tenant: Tenant) -> dict[str, Limit]:
    """A tenant's limits by measure (one query)."""
    return {limit.measure: limit for limit in (instance(Limit, row) for row in _LIMITS.rows(tenant=tenant.pk))}


_LIMITS = Prepared(lambda tenant: Limit.objects.filter(tenant=tenant).values_list(*columns(Limit)), tenant=-1)


def gauges(tenant: Tenant, limits: Mapping[str, Limit]) -> tuple[list[Gauge], list[Gauge]]:
    """The main ten and the others. Asks for the flavors only when processors or memory run short."""
    short = any(nearly(limits[measure]) for measure in (Measure.VCPUS, Measure.RAM_MB) if measure in limits)
    hint = room(limits, Flavor.objects.filter(tenant=tenant)) if short else ""
    order = [one.key for one in sorted(platforms.measures(), key=lambda one: one.place or len(platforms.measures()))]
    main = {one.key for one in platforms.measures() if one.place}
    drawn = [gauge(limits[measure], tenant.figures, hint) for measure in order if measure in limits]
    return [one for one in drawn if one.measure in main], [one for one in drawn if one.measure not in main]


def nearly(limit: Limit, share: float = NEARLY) -> bool:
    """So much of a limit is used. Where nothing is allowed, nothing runs short."""
    return bool(limit.allowed) and limit.used is not None and limit.used >= share * (limit.allowed or 0)


def gauge(limit: Limit, figures: Mapping[str, Any], hint: str = "") -> Gauge:
    """One limit as a bar. `figures` are the tenant's."""
    measure = limit.measure
    return Gauge(
        measure,
        _("Volumes and snapshots") if _with_snapshots(limit, figures) else str(platforms.measure_of(measure).label),
        shown(measure, limit.used),
        shown(measure, limit.allowed),
        unit(measure),
        hint if measure in (Measure.VCPUS, Measure.RAM_MB) else "",
    )


def _with_snapshots(limit: Limit, figures: Mapping[str, Any]) -> bool:
    """Whether the cloud counts snapshots as storage too, which is its operator's choice and seen in its sums."""
    volumes, snapshots = (figures.get(part, {}).get("gb", 0) for part in ("volumes", "snapshots"))
    return limit.measure == Measure.VOLUME_GB and snapshots > 0 and limit.used == volumes + snapshots


def room(limits: Mapping[str, Limit], flavors: Iterable[Flavor]) -> str:
    """What still fits, in flavors: "enough for one more m1.medium", of the largest flavor that fits."""
    vcpus, ram, servers = (_left(limits.get(m)) for m in (Measure.VCPUS, Measure.RAM_MB, Measure.SERVERS))
    fitting = [
        flavor
        for flavor in flavors
        if flavor.vcpus and flavor.ram_mb and flavor.vcpus <= vcpus and flavor.ram_mb <= ram and servers >= 1
    ]
    if not fitting:
        return _("not enough for another server")
    best = max(fitting, key=lambda flavor: (flavor.vcpus, flavor.ram_mb))
    # One of the three is a finite limit, or nothing would run short.
    many = int(min(vcpus // best.vcpus, ram // best.ram_mb, servers))
    return ngettext("enough for one more %(flavor)s", "enough for %(n)s more %(flavor)s", many) % {
        "n": number(many),
        "flavor": best.name,
    }


def _left(limit: Limit | None) -> float:
    if limit is None or limit.allowed is None or limit.used is None:
        return float("inf")
    return limit.allowed - limit.used
