"""Usage over time: the plot of one measure over a range, and the small lines of the project rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django_stubs_ext import StrOrPromise

from portal.ui import charts
from portal.ui.formats import Number
from portal.ui.listing import address
from projects import platforms
from projects.models import Limit, Tenant, UsageSample
from projects.pages import gauges

EVERY = timedelta(minutes=5)  # how often projects.sample_usage runs
RANGES: Mapping[str, tuple[timedelta, StrOrPromise, StrOrPromise]] = {
    "2h": (timedelta(hours=2), gettext_lazy("2 h"), gettext_lazy("the last 2 hours")),
    "24h": (timedelta(hours=24), gettext_lazy("24 h"), gettext_lazy("the last 24 hours")),
    "7d": (timedelta(days=7), gettext_lazy("7 d"), gettext_lazy("the last 7 days")),
    "30d": (timedelta(days=30), gettext_lazy("30 d"), gettext_lazy("the last 30 days")),
    "90d": (timedelta(days=90), gettext_lazy("90 d"), gettext_lazy("the last 90 days")),
}
SPARK_SPAN = timedelta(days=7)
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
    """Return what `?range=`, `?measure=` and `?as=table` ask for; anything else falls back to vCPUs as a plot.

    Without a range: the last 7 days, or less while sampling is younger than that. `current` says that the limits hold
    now, so that the line may end with them.
    """
    measure = request.GET.get("measure", "")
    plotted = platforms.plotted()
    measure = measure if measure in plotted else platforms.busiest()
    table = request.GET.get("as") == "table"
    limit = limits.get(measure)
    now = timezone.now()
    first, newest = _sampled(tenant.pk, measure, tenant.refreshed_at, now.replace(second=0, microsecond=0))
    span = request.GET.get("range", "")
    if span not in RANGES:
        span = next((key for key in ("2h", "24h") if first is None or first > now - RANGES[key][0]), "7d")
    drawn = _drawing(
        tenant.pk,
        measure,
        span,
        table,
        first,
        newest,
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
        [Link(label, address(request, measure=str(key)), key == measure) for key, label in plotted.items()],
    )


@lru_cache(maxsize=1024)
def _sampled(
    tenant: int, measure: str, _refreshed_at: datetime | None, _minute: datetime
) -> tuple[datetime | None, datetime | None]:
    """Return the times of the first and the newest sample, asked for once a minute and after each refresh."""
    times = UsageSample.objects.filter(tenant=tenant, measure=measure).order_by("at").values_list("at", flat=True)
    return times.first(), times.last()


@lru_cache(maxsize=512)
def _drawing(
    tenant: int,
    measure: str,
    span: str,
    table: bool,
    first: datetime | None,
    _newest: datetime | None,
    end: datetime,
    current: tuple[int, int | None] | None,
    _zone: str,
    _language: str | None,
) -> str:
    """Return the plot or its table, kept until there is a newer sample: 90 days are 26,000. The arguments are all it
    tells.
    """
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
    context = {
        "plot": drawn,
        "label": platforms.measure_of(measure).label,
        "range": RANGES[span][2],
        "table": table,
        # An hour is what is left of samples that are a week old.
        "since": first if first and first > start + timedelta(hours=1) else None,
        # With nothing but the present a plot would be a single dot.
        "awaited": first is None and current is not None,
    }
    return render_to_string("components/plot.html", context)


@dataclass(frozen=True, slots=True)
class Spark:
    """A tenant's small line: values oldest first, and since when, where that is less than 7 days ago."""

    values: Sequence[Number | None]
    since: datetime | None


def sparklines(tenants: Sequence[Tenant]) -> dict[int, Spark]:
    """vCPUs over 7 days for each tenant, or since the first sample where that is later; None where nothing is known."""
    ids = tuple(tenant.pk for tenant in tenants)
    now = timezone.now()
    newest = UsageSample.objects.filter(tenant__in=ids, measure=platforms.busiest(), at__gte=now - 3 * EVERY)
    # The line moves on in steps of a sample, and at once when there is a new one.
    end = now.replace(minute=now.minute // 5 * 5, second=0, microsecond=0) + EVERY
    return _sparklines(ids, end, newest.order_by("at").values_list("at", flat=True).last())


@lru_cache(maxsize=256)
def _sparklines(ids: tuple[int, ...], end: datetime, _newest: datetime | None) -> dict[int, Spark]:
    rows: Any = (
        UsageSample.objects.filter(tenant__in=ids, measure=platforms.busiest(), at__gte=end - SPARK_SPAN, at__lt=end)
        .order_by("at")
        .values_list("tenant_id", "at", "used")
    )
    samples: dict[int, list[tuple[datetime, int]]] = {id_: [] for id_ in ids}
    for tenant, at, used in rows:
        samples[tenant].append((at, used))
    return {id_: spark(samples[id_], end) for id_ in ids}


def spark(samples: Sequence[tuple[datetime, int]], end: datetime) -> Spark:
    """Return the line of one tenant's samples (oldest first): the value at the end of each of up to 42 equal parts.

    A value holds until the next sample, but no longer than three samples could take: then it is a gap.
    """
    if not samples:
        return Spark((), None)
    start = end - SPARK_SPAN
    first = samples[0][0]
    # A day of grace: samples older than a week are thinned to one an hour.
    since = first if first > start + timedelta(days=1) else None
    start = since or start
    points = max(2, min(SPARK_POINTS, int((end - start) / (2 * EVERY))))
    step = (end - start) / points
    values: list[Number | None] = []
    seen = 0
    for point in range(1, points + 1):
        until = start + point * step
        while seen < len(samples) and samples[seen][0] < until:
            seen += 1
        at, used = samples[seen - 1] if seen else (None, None)
        values.append(used if at is not None and until - at <= max(step, 3 * EVERY) else None)
    return Spark(values, since)
