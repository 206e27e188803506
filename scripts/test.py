"""`make test`: install what the tests need, check, then test; the last lines report what ran, and what did not and why.

python -m scripts.test [check] [unit] [cloud] [faults] [browser]     all of them without an argument python -m
scripts.test tools                                         test the tools that the tests use MESHDECK_KEEP=1 leaves the
clouds running and takes them as they are.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence

from scripts import proven, results
from scripts.results import Outcome
from tests.support import environment
from tests.support.parts import PARTS

ROOT = environment.ROOT
RESULTS = environment.STATE / "results"
PHASES = ("check", "unit", "cloud", "faults", "browser")
# Not part of `make test`: scripts/proven.py says when they have to be proven again.
OTHERS = ("tools",)
CLOUDY = {"cloud", "faults", "browser", "tools"}
# They only need processor time, so they use what waiting for clouds and browsers leaves free.
BESIDE = {"check", "unit"}
# Unit tests of one action or module lie beside it.
FOLDERS = {"unit": ["tests/unit", "projects", "services"]}
CORES = os.cpu_count() or 1
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

    def __init__(self, name: str, tests: Sequence[str], *, aside: bool = False) -> None:
        self.name, self.tests = name, tests or FOLDERS.get(name, [f"tests/{name}"])
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
        # Unit tests share nothing. Cloud tests share clouds: tests/cloud/turns.py says how.
        side_by_side = {
            "unit": ["-n", str(min(CORES, 4))],
        }
        options = ["-q", f"--junit-xml={self.report}", *side_by_side.get(self.name, [])]
        return [sys.executable, "-m", "pytest", *self.tests, *options]

    def wait(self) -> Outcome:
        """Wait until the phase has ended and return its outcome."""
        _, status, used = os.wait4(self.process.pid, 0)
        code = self.process.returncode = os.waitstatus_to_exitcode(status)
        outcome = Outcome(code, time.monotonic() - self.begun, used.ru_utime + used.ru_stime)
        if self.log is not None:
            print(f"\n== {self.name}, which ran beside the others\n{self.log.read_text(errors='replace')}", flush=True)
        if self.report.exists():
            outcome.read(self.report)
        return outcome

    def stop(self) -> None:
        """End the phase early, with the processes that it has started."""
        if self.process.returncode is None:
            self.process.terminate()
            self.process.wait()


def run(phases: Sequence[str], tools: Sequence[str] = tuple(proven.TOOLS)) -> int:
    """Run these phases; return 0 if everything passed. `tools`: those that the phase of that name proves."""
    begun = time.monotonic()
    RESULTS.mkdir(parents=True, exist_ok=True)
    install_parts()
    starting = begin_clouds() if CLOUDY & set(phases) else None
    waited_for = [phase for phase in phases if phase not in BESIDE] or list(phases[-1:])
    tests = {"tools": proven.tests(tools)}
    digests = proven.digests(tools)
    outcomes: dict[str, Outcome] = {}
    aside: list[Phase] = []
    try:
        aside += [Phase(name, [], aside=True) for name in phases if name not in waited_for]
        for name in waited_for:
            if starting is not None and name in CLOUDY and starting.wait():
                print((environment.STATE / "devcloud.log").read_text(), end="")
            outcomes[name] = Phase(name, tests.get(name, [])).wait()
        for phase in aside:
            outcomes[phase.name] = phase.wait()
    finally:
        for phase in aside:
            phase.stop()
        if starting is not None:
            starting.wait()
            if os.environ.get("MESHDECK_KEEP") != "1":
                subprocess.run(
                    [sys.executable, "-m", "devcloud", "down"], env=_cloud(), capture_output=True, check=False
                )
    if "tools" in outcomes and outcomes["tools"].code == 0:
        proven.write(digests)
    return results.close(outcomes, time.monotonic() - begun)


def main() -> int:
    """Return 0 if everything that ran passed."""
    wanted = sys.argv[1:]
    if unknown := set(wanted) - {*PHASES, *OTHERS}:
        print(f"No such tests: {', '.join(sorted(unknown))}. There are {', '.join([*PHASES, *OTHERS])}.")
        return 2
    return run([phase for phase in (*PHASES, *OTHERS) if phase in (wanted or PHASES)])


if __name__ == "__main__":
    sys.exit(main())
