"""What the bench writes down, and what its check finds."""

from pathlib import Path
from typing import Any

import pytest

from bench import docs, goals
from bench.places import OTHERS, PAGES, SIZES

DOC = "# Figures\n<!-- bench: pages -->\nold\n<!-- end: pages -->\nwords\n"


def figures(**changed: float) -> dict[str, dict[str, Any]]:
    names = ["empty page", *(f"{name}, {size}" for name in PAGES for size in SIZES), *OTHERS]
    return {
        name: {
            "times_empty": changed.get(name.replace(" ", "_"), 1.5),
            "again": 1.1,
            "p50": 9.0,
            "queries": 7,
            "html": 30_000,
        }
        for name in names
    }


def test_a_table_takes_the_place_of_the_last_one(tmp_path: Path) -> None:
    file = tmp_path / "figures.md"
    file.write_text(DOC)
    docs.write("pages", "new \\1", file)
    assert file.read_text() == DOC.replace("old", "new \\1")
    with pytest.raises(LookupError):
        docs.write("changes", "new", file)


def test_the_page_of_figures_has_a_place_for_each_part(tmp_path: Path) -> None:
    file = tmp_path / "figures.md"
    file.write_text(docs.FIGURES.read_text())
    for part in ("pages", "refreshes", "changes"):
        docs.write(part, "x", file)


def test_a_page_that_became_dear_is_named() -> None:
    assert list(goals.above(figures())) == []
    (said,) = goals.above(figures(volume_list=9.0))
    assert said.startswith("volume list: 9.00")


def test_each_goal_is_about_some_page() -> None:
    assert all(goal.measured(figures()) for goal in goals.GOALS)
