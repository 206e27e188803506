"""`make test`: install what the tests need, check, then test; the last lines report what ran, and what did not and why.

python -m scripts.test [check] [unit] [cloud] [faults] [browser]     all of them without an argument
MESHDECK_KEEP=1 leaves the clouds running and takes them as they are.
"""

import os
import shutil
import subprocess
import sys
import time
import xml.etree.ElementTree as ET  # parses only what pytest wrote
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from tests.support import environment
from tests.support.parts import PARTS

ROOT = environment.ROOT
RESULTS = environment.STATE / "results"
PHASES = ("check", "unit", "cloud", "faults", "browser")
CLOUDY = {"cloud", "faults", "browser"}
# Debian packages that the tests need.
PACKAGES = {
    "chromium": ["chromium"],
    "redis-server": ["redis-server"],
    "postgresql": ["postgresql"],
    "docker-compose": ["docker-compose"],
    "rclone": ["rclone"],
    "curl": ["curl"],
    "zsh": ["zsh"],
    "fish": ["fish"],
    "node": ["nodejs", "npm"],
}


@dataclass
class Outcome:
    """The result of one phase."""

    code: int
    seconds: float
    counts: Counter[str] = field(default_factory=Counter)
    skips: Counter[str] = field(default_factory=Counter)


def install_parts() -> None:
    """Install missing packages if root allows it; otherwise print one line for each."""
    missing = [name for name in PACKAGES if not PARTS[name].there()]
    if not missing:
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        for name in missing:
            print(f"  lacking: {name} ({PARTS[name].install})", flush=True)
        return
    packages = [package for name in missing for package in PACKAGES[name]]
    print(f"Installing from Debian: {' '.join(packages)}", flush=True)
    environment_ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *packages]):
        subprocess.run(["apt-get", *command], env=environment_, stdout=subprocess.DEVNULL, check=False)


def begin_clouds() -> "subprocess.Popen[bytes]":
    """Bring both locations up while the checks and unit tests run."""
    log = environment.STATE / "devcloud.log"
    with log.open("wb") as output:
        return subprocess.Popen([sys.executable, "-m", "devcloud", "up"], env=_cloud(), stdout=output, stderr=output)


def _mine() -> dict[str, str]:
    # Bytecode halves the first start of a cloud and the time each process takes to load 4,000 tests.
    unwanted = ("PYTHONDONTWRITEBYTECODE", "VIRTUAL_ENV")
    return {name: value for name, value in os.environ.items() if name not in unwanted}


def _cloud() -> dict[str, str]:
    return _mine() | {"MESHDECK_STATE": str(environment.STATE), "DEVCLOUD_PORT_BASE": str(environment.CLOUD_PORT)}


class Phase:
    """A running phase: in the terminal, or `aside` with its output kept until it is waited for."""

    def __init__(self, name: str, *, aside: bool = False) -> None:
        self.name = name
        self.begun = time.monotonic()
        self.report = RESULTS / f"{name}.xml"
        self.report.unlink(missing_ok=True)
        self.log = RESULTS / f"{name}.log" if aside else None
        if aside:
            # The phase in the terminal waits for clouds and browsers, and has priority.
            with (RESULTS / f"{name}.log").open("wb") as output:
                self.process = subprocess.Popen(
                    ["nice", *self.command()], cwd=ROOT, env=_mine(), stdout=output, stderr=subprocess.STDOUT
                )
        else:
            print(f"\n== {name}", flush=True)
            self.process = subprocess.Popen(self.command(), cwd=ROOT, env=_mine())

    def command(self) -> list[str]:
        """Return the command to run."""
        if self.name == "check":
            return [sys.executable, "-m", "scripts.check"]
        # Unit tests share nothing; cloud and browser tests share one cloud.
        side_by_side = ["-n", str(min(os.cpu_count() or 1, 4))] if self.name == "unit" else []
        return [sys.executable, "-m", "pytest", f"tests/{self.name}", "-q", f"--junit-xml={self.report}", *side_by_side]

    def wait(self) -> Outcome:
        """Wait until the phase has ended and return its outcome."""
        code = self.process.wait()
        outcome = Outcome(code, time.monotonic() - self.begun)
        if self.log is not None:
            print(f"\n== {self.name}, which ran beside the others\n{self.log.read_text(errors='replace')}", flush=True)
        if self.report.exists():
            read(self.report, outcome)
        return outcome


def read(report: Path, outcome: Outcome) -> None:
    """Read the counts and the reasons of skips from pytest's report."""
    for case in ET.parse(report).getroot().iter("testcase"):  # noqa: S314 - our own file
        skipped = case.find("skipped")
        if skipped is not None:
            outcome.counts["skipped"] += 1
            outcome.skips[skipped.get("message") or "no reason given"] += 1
        elif case.find("failure") is not None or case.find("error") is not None:
            outcome.counts["failed"] += 1
        else:
            outcome.counts["passed"] += 1


def summary(outcomes: dict[str, Outcome], seconds: float) -> int:
    """Print the closing lines and return the exit code of the whole run."""
    print("\n== summary")
    total: Counter[str] = Counter()
    for phase, outcome in outcomes.items():
        total += outcome.counts
        words = ", ".join(f"{outcome.counts[word]} {word}" for word in ("passed", "failed", "skipped"))
        print(f"  {phase:8} {'ok    ' if outcome.code == 0 else 'FAILED'} {outcome.seconds:6.1f} s  {words}")
        for reason, number in outcome.skips.items():
            print(f"           skipped {number}: {reason}")
    code = 1 if any(outcome.code for outcome in outcomes.values()) else 0
    print(f"  all      {'ok    ' if code == 0 else 'FAILED'} {seconds:6.1f} s\n")
    print(f"{total['passed']} passed, {total['failed']} failed, {total['skipped']} skipped", flush=True)
    return code


def main() -> int:
    """Return 0 if everything that ran passed."""
    begun = time.monotonic()
    phases = [phase for phase in PHASES if not sys.argv[1:] or phase in sys.argv[1:]]
    RESULTS.mkdir(parents=True, exist_ok=True)
    install_parts()
    starting = begin_clouds() if CLOUDY & set(phases) else None
    outcomes: dict[str, Outcome] = {}
    aside: Phase | None = None
    try:
        for phase in phases:
            if starting is not None and phase in CLOUDY and starting.wait():
                print((environment.STATE / "devcloud.log").read_text(), end="")
            if phase == "unit" and "cloud" in phases:
                aside = Phase(phase, aside=True)  # cloud tests mostly wait
                continue
            outcomes[phase] = Phase(phase).wait()
            if aside is not None:
                outcomes[aside.name], aside = aside.wait(), None
    finally:
        if aside is not None:
            aside.process.terminate()
        if starting is not None:
            starting.wait()
            if os.environ.get("MESHDECK_KEEP") != "1":
                subprocess.run(
                    [sys.executable, "-m", "devcloud", "down"], env=_cloud(), capture_output=True, check=False
                )
    return summary(outcomes, time.monotonic() - begun)


if __name__ == "__main__":
    sys.exit(main())
