"""Numbers, sizes, times and ages as people read them.

A space before the unit, a comma for thousands, 24 hours, seconds where they matter.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import TypeAlias

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

Number: TypeAlias = int | float | Decimal

NO_BREAK = "\N{NO-BREAK SPACE}"
_BYTES = ("B", "KB", "MB", "GB", "TB", "PB", "EB")
_COUNTS = ("", "k", "M", "G")


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number and its unit, separate for places that set them in different sizes."""

    value: str
    unit: str

    def __str__(self) -> str:
        return f"{self.value}{NO_BREAK}{self.unit}" if self.unit else self.value


def number(value: Number) -> str:
    """Format a number: 1234567 → 1,234,567; 2.50 → 2.5; at most one decimal."""
    if isinstance(value, int):
        return f"{value:,}"
    rounded = Decimal(str(value)).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)
    if rounded == rounded.to_integral_value():
        return f"{int(rounded):,}"
    return f"{rounded:,}"


def _scaled(value: Number, step: int, units: tuple[str, ...]) -> Quantity:
    amount = Decimal(str(value))
    index = 0
    # A value that would round to 1,000 belongs to the next unit.
    while index < len(units) - 1 and abs(amount).quantize(Decimal("0.1")) >= step:
        amount /= step
        index += 1
    return Quantity(number(amount), units[index])


def count(value: int) -> Quantity:
    """Shorten a count: 18234 → 18.2 k; below 10,000 it is exact."""
    return Quantity(number(value), "") if abs(value) < 10_000 else _scaled(value, 1000, _COUNTS)


def size(value: int) -> Quantity:
    """Format bytes in decimal units as object storage counts them: 41800000000 → 41.8 GB."""
    return _scaled(value, 1000, _BYTES)


def gibibytes(value: Number) -> Quantity:
    """Format what clouds call GB (and count as GiB): 640 → 640 GB. Always GB, so that limit and usage compare."""
    return Quantity(number(value), "GB")


def mebibytes(value: Number) -> Quantity:
    """Format what clouds call MB of memory: 512 → 512 MB, 8192 → 8 GB."""
    amount = Decimal(str(value))
    return Quantity(number(amount), "MB") if abs(amount) < 1024 else Quantity(number(amount / 1024), "GB")


def clock(at: datetime) -> str:
    """Format the time in the reader's time zone: 14:32:07."""
    return date_format(timezone.localtime(at), "H:i:s")


def moment(at: datetime, now: datetime | None = None) -> str:
    """Format a time: 14:32:07 today, "yesterday 17:31", "13 Oct 09:05" this year, "13 Oct 2024" before."""
    local, today = timezone.localtime(at), timezone.localtime(now)
    days = (today.date() - local.date()).days
    if days == 0:
        return date_format(local, "H:i:s")
    if days == 1:
        return _("yesterday %(time)s") % {"time": date_format(local, "H:i")}
    if local.year == today.year:
        return date_format(local, "j M H:i")
    return date_format(local, "j M Y")


def short_moment(at: datetime, now: datetime | None = None) -> str:
    """Format a time like `moment`, without seconds: 14:32 today."""
    said = moment(at, now)
    return said.rpartition(":")[0] if said.count(":") == 2 else said


def duration(span: timedelta) -> str:
    """Format a span for tables: 8 s, 14 min, 5 h, 41 d. Whole units, rounded down: nothing looks older than it is."""
    seconds = max(0, int(span.total_seconds()))
    if seconds < 60:
        return _("%(n)d s") % {"n": seconds}
    if seconds < 3600:
        return _("%(n)d min") % {"n": seconds // 60}
    if seconds < 2 * 86400:
        return _("%(n)d h") % {"n": seconds // 3600}
    return _("%(n)s d") % {"n": number(seconds // 86400)}


def took(span: timedelta) -> str:
    """Format how long something took: 2.3 s, 31 s, 1 min 40 s, 1 h 5 min."""
    seconds = max(0.0, span.total_seconds())
    if seconds < 9.95:
        return f"{seconds:.1f}{NO_BREAK}s"
    whole = round(seconds)
    parts = [(whole // 60, "min"), (whole % 60, "s")]
    if whole >= 3600:
        parts = [(whole // 3600, "h"), (whole % 3600 // 60, "min")]
    return " ".join(f"{number(part)}{NO_BREAK}{unit}" for part, unit in parts if part)


def age(at: datetime, now: datetime | None = None) -> str:
    """Format how long ago something was, for tables (`duration`)."""
    return duration((now or timezone.now()) - at)


def ago(at: datetime, now: datetime | None = None) -> str:
    """Format how long ago something was, for sentences: "23 minutes", "1 hour", "3 days"."""
    seconds = max(0, int(((now or timezone.now()) - at).total_seconds()))
    if seconds < 60:
        return ngettext("%(n)d second", "%(n)d seconds", seconds) % {"n": seconds}
    if seconds < 3600:
        return ngettext("%(n)d minute", "%(n)d minutes", seconds // 60) % {"n": seconds // 60}
    if seconds < 2 * 86400:
        return ngettext("%(n)d hour", "%(n)d hours", seconds // 3600) % {"n": seconds // 3600}
    return ngettext("%(n)d day", "%(n)d days", seconds // 86400) % {"n": seconds // 86400}


def milliseconds(value: Number) -> str:
    """Format a latency: 212 ms, or 10.0 s from one second on."""
    return f"{int(value)}{NO_BREAK}ms" if value < 1000 else f"{float(value) / 1000:.1f}{NO_BREAK}s"
