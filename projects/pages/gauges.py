"""Used and allowed: every limit that a cloud states, as gauges."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from portal.ui.formats import Number
from projects import platforms
from projects.models import Limit, Tenant
from projects.prepared import Prepared, columns, instance
from projects.registry import Registry

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
    """Return a stored figure in the unit that it is shown in."""
    divisor = platforms.measure_of(measure).divisor
    return value if value is None or divisor == 1 else Decimal(value) / divisor


def unit(measure: str) -> str:
    """Return the unit that a measure is shown in, "" for counts."""
    return platforms.measure_of(measure).unit


def limits_of(tenant: Tenant) -> dict[str, Limit]:
    """Return a tenant's limits by measure (one query)."""
    return {limit.measure: limit for limit in (instance(Limit, row) for row in _LIMITS.rows(tenant=tenant.pk))}


_LIMITS = Prepared(lambda tenant: Limit.objects.filter(tenant=tenant).values_list(*columns(Limit)), tenant=-1)


@dataclass(frozen=True, slots=True)
class Remark:
    """What a wing says about gauges.

    `label` gives another name to a measure where this tenant's figures call for it, or nothing. `hint` says what still
    fits; it is asked for only when one of `hinted` runs short, and stands at all of these.
    """

    key: str
    label: Callable[[Limit, Mapping[str, Any]], str] = lambda _limit, _figures: ""
    hinted: Sequence[str] = ()
    hint: Callable[[Tenant, Mapping[str, Limit]], str] = lambda _tenant, _limits: ""


REMARKS: Registry[Remark] = Registry(Remark, lambda remark: remark.key)


def gauges(tenant: Tenant, limits: Mapping[str, Limit]) -> tuple[list[Gauge], list[Gauge]]:
    """Return the main ten and the others."""
    hints: dict[str, str] = {}
    for remark in REMARKS.values():
        if any(nearly(limits[measure]) for measure in remark.hinted if measure in limits):
            hints |= dict.fromkeys(remark.hinted, remark.hint(tenant, limits))
    order = [one.key for one in sorted(platforms.measures(), key=lambda one: one.place or len(platforms.measures()))]
    main = {one.key for one in platforms.measures() if one.place}
    drawn = [gauge(limits[measure], tenant.figures, hints.get(measure, "")) for measure in order if measure in limits]
    return [one for one in drawn if one.measure in main], [one for one in drawn if one.measure not in main]


def nearly(limit: Limit, share: float = NEARLY) -> bool:
    """So much of a limit is used. Where nothing is allowed, nothing runs short."""
    return bool(limit.allowed) and limit.used is not None and limit.used >= share * (limit.allowed or 0)


def gauge(limit: Limit, figures: Mapping[str, Any], hint: str = "") -> Gauge:
    """One limit as a bar. `figures` are the tenant's."""
    measure = limit.measure
    other = next(filter(None, (remark.label(limit, figures) for remark in REMARKS.values())), "")
    return Gauge(
        measure,
        other or str(platforms.measure_of(measure).label),
        shown(measure, limit.used),
        shown(measure, limit.allowed),
        unit(measure),
        hint,
    )


def left(limit: Limit | None) -> float:
    """Return what is left of a limit; infinite where there is none."""
    if limit is None or limit.allowed is None or limit.used is None:
        return float("inf")
    return limit.allowed - limit.used
