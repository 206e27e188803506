"""The closing report of a test run, and what it leaves in .meshdeck/results/tests.json.

python -m scripts.results     writes that of the last run into docs/figures.md
"""

import json
import os
import xml.etree.ElementTree as ET  # parses only what pytest wrote
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench import docs

FILE = Path(__file__).resolve().parent.parent / ".meshdeck/results/tests.json"
SLOWEST = 20
WORDS = ("passed", "failed", "skipped")


@dataclass(frozen=True)
class Case:
    """One test: its file without the folder of its phase, its name, and its duration including fixtures."""

    file: str
    name: str
    seconds: float


@dataclass
class Outcome:
    """The result of one phase: its exit code, its duration, and the processor time of its processes.

    The clouds themselves are not included: they outlive the phase.
    """

    code: int
    seconds: float
    processor: float = 0
    counts: Counter[str] = field(default_factory=Counter)
    skips: Counter[str] = field(default_factory=Counter)
    cases: list[Case] = field(default_factory=list)

    def read(self, report: Path) -> None:
        """Read counts, times and the reasons of skips from pytest's report."""
        for case in ET.parse(report).getroot().iter("testcase"):  # noqa: S314 - our own file
            self.cases.append(_case(case))
            skipped = case.find("skipped")
            if skipped is not None:
                self.counts["skipped"] += 1
                self.skips[skipped.get("message") or "no reason given"] += 1
            elif case.find("failure") is not None or case.find("error") is not None:
                self.counts["failed"] += 1
            else:
                self.counts["passed"] += 1


def _case(case: "ET.Element[str]") -> Case:
    name = case.get("name", "")
    # A module that could not be imported is a case without a class.
    module = next((part for part in case.get("classname", "").split(".") if part.startswith("test_")), name)
    # pytest-xdist appends the group in which the test was sent.
    bare, _, group = name.rpartition("@")
    return Case(module, bare if bare and "]" not in group else name, float(case.get("time", 0)))


def close(outcomes: Mapping[str, Outcome], seconds: float) -> int:
    """Print the closing lines, write the file, and return the exit code of the whole run."""
    print(f"\n== slowest {SLOWEST}")
    for phase, case in _slowest(outcomes):
        print(f"  {case.seconds:6.1f} s  {phase:8} {case.file}::{case.name}")
    print("\n== summary")
    total: Counter[str] = Counter()
    for phase, outcome in outcomes.items():
        total += outcome.counts
        words = ", ".join(f"{outcome.counts[word]} {word}" for word in WORDS)
        ended = "ok    " if outcome.code == 0 else "FAILED"
        print(f"  {phase:8} {ended} {outcome.seconds:6.1f} s ({outcome.processor:.0f} s of processors)  {words}")
        for reason, number in outcome.skips.items():
            print(f"           skipped {number}: {reason}")
    code = 1 if any(outcome.code for outcome in outcomes.values()) else 0
    print(f"  all      {'ok    ' if code == 0 else 'FAILED'} {seconds:6.1f} s\n")
    _write(outcomes, seconds, total)
    print(f"{total['passed']} passed, {total['failed']} failed, {total['skipped']} skipped", flush=True)
    return code


def _slowest(outcomes: Mapping[str, Outcome]) -> list[tuple[str, Case]]:
    cases = [(phase, case) for phase, outcome in outcomes.items() for case in outcome.cases]
    return sorted(cases, key=lambda one: -one[1].seconds)[:SLOWEST]


def _write(outcomes: Mapping[str, Outcome], seconds: float, total: Counter[str]) -> None:
    phases: dict[str, Any] = {}
    for phase, outcome in outcomes.items():
        files: Counter[str] = Counter()
        for case in outcome.cases:
            files[case.file] += case.seconds  # type: ignore[assignment] # counters count seconds as well
        phases[phase] = {
            "ok": outcome.code == 0,
            "seconds": round(outcome.seconds, 1),
            "processor_seconds": round(outcome.processor, 1),
            **{word: outcome.counts[word] for word in WORDS},
            "files": {file: round(took, 1) for file, took in files.most_common()},
        }
    found = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "cores": os.cpu_count(),
        "seconds": round(seconds, 1),
        **{word: total[word] for word in WORDS},
        "phases": phases,
        "slowest": [
            {"phase": phase, "test": f"{case.file}::{case.name}", "seconds": round(case.seconds, 1)}
            for phase, case in _slowest(outcomes)
        ],
    }
    FILE.parent.mkdir(parents=True, exist_ok=True)
    FILE.write_text(json.dumps(found, indent=2) + "\n")


def table(found: Mapping[str, Any]) -> str:
    """Format a run's results as Markdown: the phases and the slowest tests."""
    lines = [
        f"{found['at'][:10]}, {found['cores']} cores: {found['passed']} passed, {found['failed']} failed, "
        f"{found['skipped']} skipped in {found['seconds'] / 60:.1f} minutes",
        "",
        "| phase | seconds | seconds of processors | tests |",
        "|---|--:|--:|--:|",
    ]
    for name, phase in found["phases"].items():
        ran = sum(phase[word] for word in WORDS)
        lines.append(f"| {name} | {phase['seconds']:.0f} | {phase['processor_seconds']:.0f} | {ran} |")
    lines += ["", "| slowest tests | phase | seconds |", "|---|---|--:|"]
    lines += [f"| `{one['test'].replace('|', '')}` | {one['phase']} | {one['seconds']} |" for one in found["slowest"]]
    return "\n".join(lines)


if __name__ == "__main__":
    docs.write("tests", table(json.loads(FILE.read_text())))
