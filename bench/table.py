"""Format the results as Markdown, as in docs/figures.md."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from bench import goals

Results = dict[str, Any]


# What each part of the bench produces, in the order of the page.
PARTS: dict[str, Sequence[str]] = {
    "pages": ("goals", "pages", "first_load", "memory"),
    "refreshes": ("refresh",),
    "changes": ("accepting", "showing", "queueing"),
}


def table(results: Results, part: str) -> str:
    """Format one part of what was measured, with date and machine."""
    drawn: dict[str, Callable[[Any], list[str]]] = {
        "goals": _goals,
        "pages": _pages,
        "first_load": _first_load,
        "memory": _memory,
        "refresh": _refresh,
        "accepting": _accepting,
        "showing": _showing,
        "queueing": _queueing,
    }
    lines = [f"{results['at']}, {results['machine']}, load {results['load']}"]
    for name in PARTS[part]:
        found = results["pages"] if name == "goals" else results[name]
        lines += ["", *drawn[name](found)]
    return "\n".join(lines)


def _rows(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """Format the rows: the first column is text, the others are figures."""
    lines = [heads, ["---", *["--:"] * (len(heads) - 1)]]
    return [f"| {' | '.join(map(str, line))} |" for line in [*lines, *rows]]


def _goals(found: Results) -> list[str]:
    lines = _rows(("goal", "measured"), goals.table(found))
    return [lines[0], "| --- | --- |", *lines[2:]]


def _pages(found: Results) -> list[str]:
    heads = (
        *("page", "first look p50 ms", "p95 ms", "× empty page", "second look p50 ms", "× empty page"),
        *("requests/s", "queries of a first look", "KB of HTML", "KB sent"),
    )
    keys = "p50", "p95", "times_empty", "again_p50", "again", "per_second", "queries"
    return _rows(
        heads,
        (
            [name, *(one[key] for key in keys), f"{one['html'] / 1000:.1f}", f"{one['bytes'] / 1000:.1f}"]
            for name, one in found.items()
        ),
    )


def _refresh(found: Results) -> list[str]:
    heads = "servers", "API calls", "refresh ms", "bare script ms", "ratio", "first refresh ms"
    keys = "calls", "refresh_ms", "bare_ms", "ratio", "first_ms"
    return _rows(heads, ([size, *(one[key] for key in keys)] for size, one in found.items()))


def _accepting(found: Results) -> list[str]:
    heads = "from click to acceptance", "p50 ms", "p95 ms", "openstacksdk p50 ms", "p95 ms", "ratio of p50"
    keys = "p50", "p95", "sdk_p50", "sdk_p95", "ratio"
    return _rows(heads, ([name, *(one[key] for key in keys)] for name, one in found.items()))


def _showing(found: Results) -> list[str]:
    heads = "from submit to shown", "clicks", "of them on its page", "s", "p95 s", "behind the cloud s", "p95 s"
    keys = "clicks", "clicks_here", "seconds", "seconds_p95", "behind", "behind_p95"
    return _rows(heads, ([name, *(one[key] for key in keys)] for name, one in found.items()))


def _queueing(found: Results) -> list[str]:
    said = "{many} volumes asked for at once: {per_second} per second; the script {sdk_per_second}, ratio {ratio}."
    return [said.format(**found)]


def _first_load(found: Results) -> list[str]:
    return [f"First load of the tenant page: {found['requests']} requests, {found['bytes'] / 1000:.1f} KB."]


def _memory(found: Results) -> list[str]:
    heads = "process", "how many", "RSS MiB", "PSS MiB"
    keys = "processes", "rss_mib", "pss_mib"
    return _rows(heads, ([name, *(one[key] for key in keys)] for name, one in found.items()))
