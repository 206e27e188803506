"""Usage over time: the plot of one measure over a range, and the small lines of the project rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from django.db.models import Max
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django_stubs_ext import StrOrPromise

from portal.ui import charts
from portal.ui.formats import Number
from portal.ui.listing import address
from projects.models import Limit, Measure, Tenant, UsageSample
from projects.pages import gauges

EVERY = timedelta(minutes=5)  # how often projects.sample_usage runs
RANGES: Mapping[str, tuple[timedelta, StrOrPromise, StrOrPromise]] = {
    "24h": (timedelta(hours=24), gettext_lazy("24 h"), gettext_lazy("the last 24 hours")),
    "7d": (timedelta(days=7), gettext_lazy("7 d"), gettext_lazy("the last 7 days")),
    "30d": (timedelta(days=30), gettext_lazy("30 d"), gettext_lazy("the last 30 days")),
    "90d": (timedelta(days=90), gettext_lazy("90 d"), gettext_lazy("the last 90 days")),
}
MEASURES: Mapping[str, StrOrPromise] = {
    Measure.VCPUS: gettext_lazy("vCPUs"),
    Measure.RAM_MB: gettext_lazy("Memory"),
    Measure.SERVERS: gettext_lazy("Servers"),
    Measure.VOLUME_GB: gettext_lazy("Volume GB"),
    Measure.FLOATING_IPS: gettext_lazy("Floating IPs"),
}
SPARK_POINTS = 42  # one for each four hours of the 7 days


@dataclass(frozen=True, slots=True)
class Link:
    """A choice as a link (components/segment.html, tabs.html)."""

    label: StrOrPromise
    url: str
    on: bool


@dataclass(frozen=True, slots=True)
class Usage:
    """The sheet "Usage over time"."""

    drawing: str
    ranges: Sequence[Link]
    views: Sequence[Link]
    measures: Sequence[Link]


def usage(request: HttpRequest, tenant: Tenant, limits: Mapping[str, Limit], *, current: bool) -> Usage:
    """What `?range=`, `?measure=` and `?as=table` ask for; anything else falls back to vCPUs over 7 days as a plot.

    `current` says that the limits hold now, so that the line may end with them.
    """
    span = request.GET.get("range", "")
    span = span if span in RANGES else "7d"
    measure = request.GET.get("measure", "")
    measure = measure if measure in MEASURES else Measure.VCPUS.value
    table = request.GET.get("as") == "table"
    newest = UsageSample.objects.filter(tenant=tenant, measure=measure).order_by("-at").values_list("at", flat=True)
    limit = limits.get(measure)
    now = timezone.now()
    drawn = _drawing(
        tenant.pk,
        measure,
        span,
        table,
        newest.first(),
        # The axis moves on in steps of a sample, so that a page is not drawn anew for every second.
        now.replace(minute=now.minute // 5 * 5, second=0, microsecond=0) + EVERY,
        None if limit is None or limit.used is None or not current else (limit.used, limit.allowed),
        timezone.get_current_timezone_name(),
        get_language(),
    )
    return Usage(
        drawn,
        [Link(label, address(request, range=key), key == span) for key, (_span, label, _said) in RANGES.items()],
        [
            Link(_("Plot"), address(request, **{"as": None}), not table),
            Link(_("Table"), address(request, **{"as": "table"}), table),
        ],
        [Link(label, address(request, measure=str(key)), key == measure) for key, label in MEASURES.items()],
    )


@lru_cache(maxsize=512)
def _drawing(
    tenant: int,
    measure: str,
    span: str,
    table: bool,
    _newest: datetime | None,
    end: datetime,
    current: tuple[int, int | None] | None,
    _zone: str,
    _language: str | None,
) -> str:
    """The plot or its table, kept until there is a newer sample: 90 days are 26,000. The arguments are all it tells."""
    start = end - RANGES[span][0]
    rows = UsageSample.objects.filter(tenant=tenant, measure=measure, at__gte=start).order_by("at")
    samples = [
        charts.Sample(at, gauges.shown(measure, used), gauges.shown(measure, allowed))
        for at, used, allowed in rows.values_list("at", "used", "allowed")
    ]
    # The line ends with what the gauges say, not with the last sample: one page, one figure.
    if current is not None:
        at = max([end - EVERY, *(sample.at for sample in samples[-1:])])
        samples.append(charts.Sample(at, gauges.shown(measure, current[0]), gauges.shown(measure, current[1])))
    drawn = charts.plot(samples, start, end, EVERY, gauges.unit(measure))
    context = {"plot": drawn, "label": MEASURES[measure], "range": RANGES[span][2], "table": table}
    return render_to_string("components/plot.html", context)


def sparklines(tenants: Sequence[Tenant]) -> dict[int, list[Number | None]]:
    """vCPUs over 7 days for each tenant: the value at the end of each four hours, None where nothing is known."""
    ids = tuple(tenant.pk for tenant in tenants)
    samples = UsageSample.objects.filter(tenant__in=ids, measure=Measure.VCPUS)
    newest = samples.filter(at__gte=timezone.now() - 3 * EVERY).aggregate(newest=Max("at"))["newest"]
    now = timezone.now().replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return _sparklines(ids, now, newest)


@lru_cache(maxsize=256)
def _sparklines(ids: tuple[int, ...], end: datetime, _newest: datetime | None) -> dict[int, list[Number | None]]:
    start = end - timedelta(days=7)
    rows: Any = (
        UsageSample.objects.filter(tenant__in=ids, measure=Measure.VCPUS, at__gte=start, at__lt=end)
        .order_by("at")
        .values_list("tenant_id", "at", "used")
    )
    lines: dict[int, list[Number | None]] = {id_: [None] * SPARK_POINTS for id_ in ids}
    step = timedelta(days=7) / SPARK_POINTS
    for tenant, at, used in rows:
        lines[tenant][int((at - start) / step)] = used
    return lines
