"""Ranges of numbers are sets of numbers."""

import random

import pytest

from services.network.security_groups import port_ranges as spans


@pytest.mark.parametrize(
    ("ranges", "together"),
    [
        ([], ()),
        ([(5, 5)], ((5, 5),)),
        ([(1, 3), (4, 6)], ((1, 6),)),
        ([(8, 9), (1, 3), (2, 5)], ((1, 5), (8, 9))),
        ([(1, 9), (2, 3)], ((1, 9),)),
    ],
)
def test_ranges_together(ranges: list[tuple[int, int]], together: spans.Spans) -> None:
    assert spans.union(ranges) == together


def test_ranges_are_sets() -> None:
    chance = random.Random(7)  # noqa: S311 (no secret)

    def some() -> tuple[spans.Spans, set[int]]:
        ranges = [(low, low + chance.randrange(4)) for low in (chance.randrange(20) for _ in range(4))]
        return spans.union(ranges), {n for low, high in ranges for n in range(low, high + 1)}

    def members(one: spans.Spans) -> set[int]:
        return {n for low, high in one for n in range(low, high + 1)}

    for _ in range(300):
        (one, ones), (other, others) = some(), some()
        assert members(one) == ones
        assert members(spans.common(one, other)) == ones & others
        assert members(spans.minus(one, other)) == ones - others
