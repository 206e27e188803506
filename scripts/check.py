"""`make check`: everything that can be checked without running the portal. Each check is one line; all of them run."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DJANGO = {"DJANGO_SETTINGS_MODULE": "tests.settings"}
# Messages of tools whose service can't be reached from here; the check is then skipped and says so.
UNREACHABLE: tuple[str, ...] = (
    "ConnectionError",
    "Connection refused",
    "Name or service not known",
    "failed to connect",
    "dns error",
)
UNREACHABLE += ("error sending request", "Temporary failure", "ServiceError", "ProxyError", "Max retries exceeded")


@dataclass(frozen=True)
class Check:
    """A command that succeeds if all is well. `lacks` says why it can't run here, if so."""

    name: str
    command: list[str]
    lacks: Callable[[], str] = lambda: ""
    network: bool = False


def no_compose() -> str:
    """Return why docker-compose can't run. It validates against its built-in schema and needs no container engine."""
    return "" if shutil.which("docker-compose") else "no docker-compose here (Debian: apt-get install docker-compose)"


def python(*arguments: str) -> list[str]:
    """Return a command in this environment."""
    return [sys.executable, *arguments]


CHECKS = [
    Check("lint", python("-m", "ruff", "check", "--quiet", ".")),
    Check("format", python("-m", "ruff", "format", "--check", "--quiet", ".")),
    Check("types", python("-m", "mypy")),
    Check("layers", [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]),
    Check("Django", python("manage.py", "check", "--fail-level", "WARNING")),
    Check("migrations", python("manage.py", "makemigrations", "--check", "--dry-run")),
    Check("vendored files", python("scripts/vendor.py", "verify")),
    Check("built files", python("scripts/build_static.py", "--check")),
    Check("pins", python("-m", "scripts.pins")),
    Check("lock files", python("-m", "scripts.lock", "--check"), network=True),
    Check("known vulnerabilities", python("-m", "scripts.audit"), network=True),
    Check("compose file", python("-m", "scripts.compose"), lacks=no_compose),
]


def run(check: Check) -> tuple[str, str]:
    """Run a check and return "ok", "failed" or "skipped" with its message."""
    if why := check.lacks():
        return "skipped", why
    environment = {**os.environ, **DJANGO}
    done = subprocess.run(check.command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    said = (done.stdout + done.stderr).strip()
    if done.returncode == 0:
        return "ok", ""
    if check.network and any(word in said for word in UNREACHABLE):
        return "skipped", "its service can't be reached from here"
    return "failed", said


def main() -> int:
    """Return 1 if a check failed. With a file name as argument, write the counts there as JSON."""
    counts = {"ok": 0, "failed": 0, "skipped": 0}
    for check in CHECKS:
        begun = time.monotonic()
        ending, said = run(check)
        counts[ending] += 1
        print(f"  {ending:8} {check.name} ({time.monotonic() - begun:.1f} s){': ' + said if said else ''}", flush=True)
    if sys.argv[1:]:
        Path(sys.argv[1]).write_text(json.dumps(counts))
    return 1 if counts["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
