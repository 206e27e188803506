"""Plots as SVG, computed on the server: coordinates in, path strings out. The templates only draw.

Counts change in steps, so lines are steps. A gap in the data is a gap in the line.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from math import ceil, floor, log10

from django.utils import timezone
from django.utils.formats import date_format

from portal.ui.formats import Number, number


@dataclass(frozen=True, slots=True)
class Sample:
    """One measurement. `used` None: nothing was known then. `allowed` None: there is no limit."""

    at: datetime
    used: Number | None
    allowed: Number | None = None


@dataclass(frozen=True, slots=True)
class Tick:
    """A label at `at` (x or y, by the axis)."""

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table beside the plot: the value from this moment on; `used` None is a gap."""

    at: datetime
    used: str | None
    allowed: str | None


@dataclass(frozen=True, slots=True)
class Frame:
    """Outer size and inner edges of a drawing, in its own units."""

    width: int
    height: int
    left: int
    right: int
    top: int
    bottom: int
    labels: int
    compact: bool


WIDE = Frame(width=720, height=216, left=34, right=654, top=14, bottom=190, labels=8, compact=False)
NARROW = Frame(width=330, height=190, left=26, right=318, top=22, bottom=164, labels=3, compact=True)


@dataclass(frozen=True, slots=True)
class StepPlot:
    """Everything that components/plot.html draws, for one frame. `fresh`: the last value still holds at the end."""

    frame: Frame
    lines: list[str]
    areas: list[str]
    x_ticks: list[Tick]
    y_ticks: list[Tick]
    limit_y: float | None
    limit: str
    now_x: float | None
    now_y: float | None
    now: str
    now_label_y: float
    fresh: bool


@dataclass(frozen=True, slots=True)
class Plot:
    """A step plot for wide and narrow screens and the same numbers as rows, newest first."""

    wide: StepPlot
    narrow: StepPlot
    rows: list[Row]
    unit: str
    first: str
    last: str
    allowed: str

    @property
    def empty(self) -> bool:
        """Whether no value is known in the range."""
        return not self.wide.lines


def plot(
    samples: Sequence[Sample],
    start: datetime,
    end: datetime,
    every: timedelta,
    unit: str = "",
) -> Plot:
    """Draw `samples` (oldest first, `every` apart if none is missing) between `start` and `end`.

    Two samples more than three times `every` apart leave a gap.
    """
    known = [s for s in samples if s.used is not None]
    allowed = next((s.allowed for s in reversed(samples) if s.allowed is not None), None)
    stretches = _stretches(samples, every)
    fresh = bool(known) and end - known[-1].at <= 3 * every
    return Plot(
        wide=_draw(stretches, allowed, start, end, WIDE, fresh),
        narrow=_draw(stretches, allowed, start, end, NARROW, fresh),
        rows=_rows(stretches),
        unit=unit,
        first=number(known[0].used) if known and known[0].used is not None else "",
        last=number(known[-1].used) if known and known[-1].used is not None else "",
        allowed="" if allowed is None else number(allowed),
    )


@dataclass(frozen=True, slots=True)
class Spark:
    """Paths of a small plot without axes; line and area are empty for fewer than two values.

    `dot` marks the last value where the line ends with it.
    """

    line: str
    area: str
    dot: str


def sparkline(values: Sequence[Number | None], width: int = 100, height: int = 26) -> Spark:
    """Draw a small line of `values`, evenly spaced; unknown values break it."""
    known = [float(v) for v in values if v is not None]
    if not known:
        return Spark("", "", "")
    low, high = min(known), max(known)
    runs: list[list[str]] = [[]]
    for index, value in enumerate(values):
        if value is None:
            runs.append([])
            continue
        x = index / max(1, len(values) - 1) * (width - 2)  # the dot at the end needs space
        y = height / 2 if high == low else height - 3 - (float(value) - low) / (high - low) * (height - 6)
        runs[-1].append(f"{x:.1f} {y:.1f}")
    lines = ["M" + "L".join(run) for run in runs if run]
    areas = [f"{line}V{height}H{line[1:].partition(' ')[0]}z" for line in lines]
    dot = f"M{runs[-1][-1]}h.01" if runs[-1] else ""
    return Spark("".join(lines), "".join(areas), dot) if len(known) > 1 else Spark("", "", dot)


def nice_top(highest: float) -> tuple[float, float]:
    """Return a round top of the axis and its step (four steps), so that `highest` fits below: 40 → (48, 12)."""
    if highest <= 0:
        return 4.0, 1.0
    raw = highest / 4
    power = 10.0 ** floor(log10(raw))
    choices = (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10) if power > 1 else (1, 2, 3, 4, 5, 6, 8, 10)
    step = next(c * power for c in choices if c * power * 4 >= highest)
    if highest >= 4:
        step = ceil(step)
    return step * 4, step


def _stretches(samples: Sequence[Sample], every: timedelta) -> list[list[Sample]]:
    """Split the samples into runs without a gap."""
    runs: list[list[Sample]] = []
    before: Sample | None = None
    for sample in samples:
        if sample.used is None:
            before = None
            continue
        if before is None or sample.at - before.at > 3 * every:
            runs.append([])
        runs[-1].append(sample)
        before = sample
    return runs


def _rows(stretches: list[list[Sample]]) -> list[Row]:
    rows: list[Row] = []
    for index, run in enumerate(stretches):
        before: tuple[Number | None, Number | None] | None = None
        for sample in run:
            if (sample.used, sample.allowed) != before and sample.used is not None:
                rows.append(
                    Row(sample.at, number(sample.used), None if sample.allowed is None else number(sample.allowed))
                )
                before = (sample.used, sample.allowed)
        if index < len(stretches) - 1:
            rows.append(Row(run[-1].at, None, None))
    return rows[::-1]


def _draw(
    stretches: list[list[Sample]], allowed: Number | None, start: datetime, end: datetime, frame: Frame, fresh: bool
) -> StepPlot:
    span = (end - start).total_seconds()
    values = [float(s.used) for run in stretches for s in run if s.used is not None]
    # Leave room above the limit for its label.
    top, step = nice_top(max([*values, float(allowed or 0) * 1.15, 1.0]))

    def x(at: datetime) -> float:
        share = min(1.0, max(0.0, (at - start).total_seconds() / span))
        return round(frame.left + share * (frame.right - frame.left), 1)

    def y(value: float) -> float:
        return round(frame.bottom - value / top * (frame.bottom - frame.top), 1)

    lines, areas = [], []
    for run in stretches:
        points = [(x(one.at), y(float(one.used))) for one in run if one.used is not None]
        end_x = f"H{max(x(run[-1].at), x(run[0].at) + 1)}"
        lines.append(steps(points) + end_x)
        areas.append(f"{steps(points, peaks=True)}{end_x}V{frame.bottom}H{x(run[0].at)}z")
    last = stretches[-1][-1] if stretches else None
    limit_y = None if allowed is None else y(float(allowed))
    now_y = y(float(last.used)) if last and last.used is not None else None
    # Keep the two labels at the right edge from overlapping.
    label_y = (now_y or 0) + 4
    if limit_y is not None and now_y is not None and abs(label_y - (limit_y - 4)) < 15:
        label_y = limit_y - 4 + 16
    return StepPlot(
        frame=frame,
        lines=lines,
        areas=areas,
        x_ticks=[Tick(x(at), label) for at, label in _time_ticks(start, end, frame.labels)],
        y_ticks=[Tick(y(i * step), number(i * step)) for i in range(5)],
        limit_y=limit_y,
        limit="" if allowed is None else number(allowed),
        now_x=x(last.at) if last else None,
        now_y=now_y,
        now=number(last.used) if last and last.used is not None else "",
        now_label_y=round(label_y, 1),
        fresh=fresh,
    )


# A line with more points than this is reduced to what is visible.
_DENSE = 300
_COLUMN = 2


def steps(points: Sequence[tuple[float, float]], *, peaks: bool = False) -> str:
    """Return a path in steps through points (oldest first).

    Of very many points, each column keeps its extremes and the last one; with `peaks` only the highest.
    """
    if not points:
        return ""
    if len(points) <= _DENSE:
        columns = [(at, [height]) for at, height in points]
    else:
        dense = groupby(points, key=lambda one: int(one[0] // _COLUMN * _COLUMN))
        columns = [(at, [round(height) for _at, height in group]) for at, group in dense]
    path, before = "", None
    for at, heights in columns:
        stops = heights if len(heights) == 1 else [min(heights), max(heights), heights[-1]]
        if peaks:
            stops = [min(heights)]  # y grows downwards
        moved = [stop for stop, last in zip(stops, [before, *stops], strict=False) if stop != last]
        if before is None:
            path = f"M{at} {stops[0]}"
            moved = moved[1:]
        elif moved:
            path += f"H{at}"
        path += "".join(f"V{stop}" for stop in moved)
        before = stops[-1]
    return path


def _time_ticks(start: datetime, end: datetime, most: int) -> list[tuple[datetime, str]]:
    """Return at most `most` round times: minutes up to three hours, hours up to two days, days."""
    local, last = timezone.localtime(start), timezone.localtime(end)
    days = (end - start).total_seconds() / 86400
    if days <= 1 / 8:
        minutes = next(m for m in (5, 10, 15, 20, 30, 60) if days * 24 * 60 / m <= most)
        step, layout = timedelta(minutes=minutes), "H:i"
        at = local.replace(minute=local.minute // minutes * minutes, second=0, microsecond=0) + step
    elif days <= 2:
        hours = next(h for h in (1, 2, 3, 4, 6, 8, 12, 24) if days * 24 / h <= most)
        at = local.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        at += timedelta(hours=-at.hour % hours)
        step, layout = timedelta(hours=hours), "H:i"
    else:
        every = next(n for n in (1, 2, 3, 5, 7, 14, 30, 60, 90, 365) if days / n <= most)
        at = local.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        step, layout = timedelta(days=every), "D j" if days <= 8 else "j M"
    ticks = []
    while at <= last - (last - local) * 0.05:
        ticks.append((at, date_format(at, layout)))
        at += step
    return ticks
