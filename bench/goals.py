"""Goals for the figures of pages, and the limits of `python -m bench --check`.

A check's limits are generous, about one and a half times the goals: it finds what has become slow, not a busy machine.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bench.places import SIZES

Pages = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Goal:
    """`measured` returns a figure for each page concerned; none may exceed `bound` in a check."""

    said: str
    most: float
    bound: float
    measured: Callable[[Pages], Mapping[str, float]]


def _again(*names: str) -> Callable[[Pages], Mapping[str, float]]:
    """Return a function that compares second looks at these pages with the empty page."""
    return lambda pages: {name: one["again"] for name, one in pages.items() if name.startswith(names)}


def _first(*names: str) -> Callable[[Pages], Mapping[str, float]]:
    """Return a function that compares first looks at these pages with the empty page."""
    return lambda pages: {name: one["times_empty"] for name, one in pages.items() if name.startswith(names)}


def _growth(pages: Pages) -> dict[str, float]:
    few, many = (f", {size}" for size in (min(SIZES), max(SIZES)))
    return {
        name: round(pages[f"{name}{many}"]["p50"] / pages[f"{name}{few}"]["p50"], 2)
        for name in ("tenant page", "server list")
    }


def _queries(pages: Pages) -> dict[str, float]:
    return {
        name: len({pages[f"{name}, {size}"]["queries"] for size in SIZES}) for name in ("tenant page", "server list")
    }


LISTS = ("server list", "volume list", "network list")
THINGS = ("server page", "volume page", "security group page")
GOALS = (
    Goal("tenant page at most 1.8 times the empty page", 1.8, 2.7, _again("tenant page")),
    Goal("lists at most 2.2 times", 2.2, 3.3, _again(*LISTS, "security group list")),
    Goal("pages of one thing at most 2.2 times", 2.2, 3.3, _again(*THINGS)),
    Goal("first look at the tenant page or a list at most 2.5 times", 2.5, 3.8, _first("tenant page", *LISTS)),
    Goal("first look at 22 security groups with 440 rules at most 2.5 times", 2.5, 5.2, _first("security group list")),
    Goal("first look at a volume at most 2.5 times", 2.5, 3.8, _first("volume page")),
    Goal("first look at a server beside 440 rules at most 2.5 times", 2.5, 6.8, _first("server page")),
    Goal("p50 with 1,000 servers at most 1.5 times that with 10", 1.5, 2.3, _growth),
    Goal("kinds of query counts over all numbers of rows: 1", 1, 1, _queries),
    Goal(
        "HTML of a list of 50 servers at most 80 KB",
        80,
        84,
        lambda pages: {"server list, 50": pages["server list, 50"]["html"] / 1000},
    ),
    Goal(
        "HTML of a tenant page with a week of usage at most 40 KB",
        40,
        42,
        lambda pages: {"a week": pages["tenant page, a week of usage"]["html"] / 1000},
    ),
)


def above(pages: Pages) -> Iterable[str]:
    """Yield a line for each figure that exceeds its bound."""
    for goal in GOALS:
        for name, figure in goal.measured(pages).items():
            if figure > goal.bound:
                yield f"{name}: {figure:.2f}, let through are {goal.bound:g} ({goal.said})"


def table(pages: Pages) -> list[tuple[str, str]]:
    """Return each goal and the range that was measured."""
    found = []
    for goal in GOALS:
        figures = goal.measured(pages).values()
        low, high = min(figures), max(figures)
        found.append((goal.said, f"{low:g}" if low == high else f"{low:g} to {high:g}"))
    return found
