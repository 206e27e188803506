"""Sets of whole numbers as ranges: ((22, 22), (8000, 8100)). Both ends belong to them; in order, none touch."""

from collections.abc import Iterable
from typing import TypeAlias

Spans: TypeAlias = tuple[tuple[int, int], ...]


def union(ranges: Iterable[tuple[int, int]]) -> Spans:
    """Unite them; those that overlap or follow each other become one."""
    found: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if found and low <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(found[-1][1], high))
        else:
            found.append((low, high))
    return tuple(found)


def common(one: Spans, other: Spans) -> Spans:
    """Return what is in both."""
    return union(
        (max(low, first), min(high, last))
        for low, high in one
        for first, last in other
        if low <= last and first <= high
    )


def minus(one: Spans, other: Spans) -> Spans:
    """Return what is in the first and not in the second."""
    left: list[tuple[int, int]] = []
    for low, high in one:
        for first, last in other:
            if last < low or first > high:
                continue
            if first > low:
                left.append((low, first - 1))
            low = last + 1
        if low <= high:
            left.append((low, high))
    return tuple(left)
