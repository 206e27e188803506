"""Figures, sizes, times and ages as people read them."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from portal.ui import formats

NOW = datetime(2026, 11, 23, 14, 32, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "said"),
    [(0, "0"), (14, "14"), (1000, "1,000"), (1234567, "1,234,567"), (2.5, "2.5"), (2.04, "2"), (2.95, "3"), (-3, "-3")],
)
def test_numbers_have_commas_and_at_most_one_decimal(value: Any, said: Any) -> None:
    assert formats.number(value) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0, "0"),
        (9999, "9,999"),
        (18234, "18.2\xa0k"),
        (999_940, "999.9\xa0k"),
        (999_960, "1\xa0M"),
        (2_500_000, "2.5\xa0M"),
    ],
)
def test_big_counts_are_shortened_and_small_ones_exact(value: Any, said: Any) -> None:
    assert str(formats.count(value)) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [(0, "0\xa0B"), (999, "999\xa0B"), (1000, "1\xa0KB"), (41_800_000_000, "41.8\xa0GB"), (999_999_999, "1\xa0GB")],
)
def test_sizes_are_decimal_and_never_read_1000_of_a_unit(value: Any, said: Any) -> None:
    assert str(formats.size(value)) == said


def test_memory_is_read_in_gb_from_1024_mb_on() -> None:
    assert str(formats.mebibytes(512)) == "512\xa0MB"
    assert str(formats.mebibytes(8192)) == "8\xa0GB"
    assert str(formats.mebibytes(1536)) == "1.5\xa0GB"


def test_a_quantity_keeps_figure_and_unit_apart() -> None:
    quantity = formats.gibibytes(1000)
    assert (quantity.value, quantity.unit) == ("1,000", "GB")


@pytest.mark.parametrize(
    ("before", "said"),
    [
        (timedelta(0), "14:32:07"),
        (timedelta(hours=14), "00:32:07"),
        (timedelta(hours=21), "yesterday 17:32"),
        (timedelta(days=2), "21 Nov 14:32"),
        (timedelta(days=400), "19 Oct 2025"),
    ],
)
def test_moments_say_as_much_as_is_needed(before: Any, said: Any) -> None:
    assert formats.moment(NOW - before, now=NOW) == said


def test_moments_are_in_the_readers_time_zone() -> None:
    with timezone.override(ZoneInfo("Asia/Tokyo")):
        assert formats.clock(NOW) == "23:32:07"
        assert formats.moment(NOW - timedelta(hours=23, minutes=33), now=NOW) == "yesterday 23:59"


@pytest.mark.parametrize(
    ("before", "short", "long"),
    [
        (timedelta(seconds=8), "8 s", "8 seconds"),
        (timedelta(seconds=60), "1 min", "1 minute"),
        (timedelta(minutes=23, seconds=59), "23 min", "23 minutes"),
        (timedelta(hours=47), "47 h", "47 hours"),
        (timedelta(days=2), "2 d", "2 days"),
        (timedelta(days=1212), "1,212 d", "1212 days"),
        (timedelta(seconds=-5), "0 s", "0 seconds"),
    ],
)
def test_ages_are_rounded_down(before: Any, short: Any, long: Any) -> None:
    assert formats.age(NOW - before, now=NOW) == short
    assert formats.ago(NOW - before, now=NOW) == long


def test_latency_turns_to_seconds_from_a_second_on() -> None:
    assert formats.milliseconds(212.7) == "212\xa0ms"
    assert formats.milliseconds(10_000) == "10.0\xa0s"
