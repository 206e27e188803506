"""Plots: what is measured is drawn, what is not is a gap, and the table says the same."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from portal.ui import charts
from portal.ui.charts import Sample

START = datetime(2026, 11, 16, 0, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def draw(values: Any, allowed: Any = 40, hours: Any = 24) -> charts.Plot:
    samples = [Sample(START + n * HOUR, value, allowed) for n, value in enumerate(values)]
    return charts.plot(samples, START, START + hours * HOUR, HOUR)


def test_a_count_is_drawn_in_steps_and_only_where_it_changes() -> None:
    line = draw([10, 10, 10, 20, 20]).wide.lines[0]
    assert line.count("V") == 1
    assert line.count("H") == 2


def test_equal_limit_and_value_lie_at_the_same_height() -> None:
    plot = draw([40, 40])
    assert plot.wide.now_y == plot.wide.limit_y


def test_a_hole_in_the_data_is_a_hole_in_the_line_and_in_the_table() -> None:
    samples = [Sample(START + n * HOUR, 5, None) for n in (0, 1, 2, 9, 10)]
    plot = charts.plot(samples, START, START + 12 * HOUR, HOUR)
    assert len(plot.wide.lines) == 2
    assert [row.used for row in plot.rows] == ["5", None, "5"]
    assert plot.rows[1].at == START + 2 * HOUR


def test_an_unknown_value_is_a_gap_too() -> None:
    assert len(draw([5, 5, None, 5]).wide.lines) == 2


def test_the_table_holds_every_change_newest_first() -> None:
    assert [row.used for row in draw([1, 2, 2, 3, 1]).rows] == ["1", "3", "2", "1"]


def test_a_change_of_the_limit_is_a_row_of_its_own() -> None:
    samples = [Sample(START, 5, 10), Sample(START + HOUR, 5, 20)]
    assert [row.allowed for row in charts.plot(samples, START, START + 2 * HOUR, HOUR).rows] == ["20", "10"]


def test_nothing_measured_is_an_empty_plot() -> None:
    plot = charts.plot([], START, START + HOUR, HOUR)
    assert plot.empty
    assert plot.wide.now_x is None


def test_without_a_limit_no_limit_is_drawn() -> None:
    assert draw([1, 2], allowed=None).wide.limit_y is None


def test_the_two_labels_at_the_edge_keep_their_distance() -> None:
    for used in range(41):
        wide = draw([used, used]).wide
        assert wide.limit_y is not None
        assert abs(wide.now_label_y - (wide.limit_y - 4)) >= 14


@pytest.mark.parametrize("highest", [0, 0.3, 1, 3, 4, 7, 12, 46, 99.5, 1150, 10_000, 123_456])
def test_the_axis_holds_the_highest_value_with_room_to_spare_but_not_much(highest: Any) -> None:
    top, step = charts.nice_top(highest)
    assert top >= highest
    assert step * 4 == pytest.approx(top)
    assert top <= max(4, highest * 1.7)


@pytest.mark.parametrize("days", [1 / 12, 1, 7, 30, 90])
def test_time_labels_are_few_and_inside_the_frame(days: Any) -> None:
    for drawing in (draw([1, 2], hours=days * 24).wide, draw([1, 2], hours=days * 24).narrow):
        assert 1 <= len(drawing.x_ticks) <= drawing.frame.labels
        assert all(drawing.frame.left <= tick.at <= drawing.frame.right for tick in drawing.x_ticks)


def test_a_sparkline_breaks_where_nothing_is_known() -> None:
    spark = charts.sparkline([1, 2, None, 3])
    assert spark.line.count("M") == 2
    assert spark.area.count("z") == 2


def test_a_single_value_draws_a_dot_and_no_line() -> None:
    assert charts.sparkline([None, 1]) == charts.Spark("", "", "M98.0 13.0h.01")


def test_the_dot_marks_the_end_of_the_line_and_no_gap() -> None:
    assert charts.sparkline([1, 2]).dot == "M98.0 3.0h.01"
    assert charts.sparkline([1, 2, None]).dot == ""


def test_a_flat_sparkline_lies_in_the_middle() -> None:
    assert charts.sparkline([5, 5]).line == "M0.0 13.0L98.0 13.0"


def test_a_week_of_samples_is_thinned_to_what_can_be_seen() -> None:
    spiky = [10 + (n * 7) % 23 for n in range(2016)]
    line = charts.steps([(n * 620 / 2016, 176 - value) for n, value in enumerate(spiky)])
    assert len(line) < 8_000
    assert f"V{176 - max(spiky)}" in line, "peaks stay"


def test_thinning_keeps_a_single_peak() -> None:
    calm = [100.0] * 1000
    calm[502] = 20.0
    line = charts.steps([(n / 2, height) for n, height in enumerate(calm)])
    assert line == "M0 100H250V20V100"
