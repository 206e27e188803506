"""The virtual environment with OpenStack, and the empty databases that every location begins with."""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from devcloud import configuration, locks
from devcloud.layout import ENVIRONMENT, REPOSITORY, Location, state_folder
from devcloud.processes import child_environment, last_line
from devcloud.trouble import Trouble

LOCK_FILE = REPOSITORY / "devcloud/requirements.lock"
PYTHON = ENVIRONMENT / "bin/python"
INSTALLED = ENVIRONMENT / "devcloud-installed"
SPACE_NEEDED = 1 << 30


def fingerprint(*files: Path) -> str:
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def ensure(say: Callable[[str], None]) -> None:
    """Install what is missing; fast if nothing is."""
    wanted = f"{fingerprint(LOCK_FILE)} {platform.python_version()}"
    if _is_installed(wanted) and schema_folder().exists():
        return
    # In the clone, whatever the state folder: all of them share one environment.
    with locks.exclusive(REPOSITORY / ".meshdeck/devcloud-install.lock", "the installation", say):
        if not _is_installed(wanted):
            _install(say)
            INSTALLED.write_text(wanted)
        if not schema_folder().exists():
            _make_schema(say)


def _is_installed(wanted: str) -> bool:
    return PYTHON.exists() and INSTALLED.exists() and INSTALLED.read_text() == wanted


def _install(say: Callable[[str], None]) -> None:
    free = shutil.disk_usage(REPOSITORY).free
    if free < SPACE_NEEDED:
        raise Trouble(f"OpenStack's packages need 1 GiB in {REPOSITORY}, only {free >> 20} MiB are free")
    started = time.monotonic()
    say("installing OpenStack's packages (85 MB to download the first time)")
    log = state_folder() / "install.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    log.unlink(missing_ok=True)
    uv = _find_uv(log)
    INSTALLED.unlink(missing_ok=True)
    _run([uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(ENVIRONMENT)], log)
    # Compiled at once: otherwise the first start takes twice as long.
    _run([uv, "pip", "sync", "--quiet", "--compile-bytecode", "--python", str(PYTHON), str(LOCK_FILE)], log)
    say(f"packages installed in {time.monotonic() - started:.0f} s")


def _find_uv(log: Path) -> str:
    """Find uv on PATH or beside this Python; otherwise install it in an environment of its own."""
    beside = Path(sys.executable).parent / "uv"
    found = shutil.which("uv") or (str(beside) if beside.exists() else None)
    if found:
        return found
    own = REPOSITORY / ".meshdeck/uv"
    if not (own / "bin/uv").exists():
        _run([sys.executable, "-m", "venv", str(own)], log)
        _run([str(own / "bin/python"), "-m", "pip", "install", "--quiet", "uv"], log)
    return str(own / "bin/uv")


def _run(command: list[str], log: Path) -> None:
    # Someone else's active environment must not confuse uv.
    environment = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    with log.open("a") as output:
        status = subprocess.run(command, stdout=output, stderr=subprocess.STDOUT, env=environment).returncode
    if status:
        cause = next((line.strip() for line in log.read_text().splitlines() if "error" in line.lower()), last_line(log))
        raise Trouble(f"packages could not be installed: {cause} (full log: {log})")


def schema_folder() -> Path:
    """Return the folder of empty databases for exactly these packages."""
    return ENVIRONMENT / f"schema-{fingerprint(LOCK_FILE, REPOSITORY / 'devcloud/databases.py')}"


def _make_schema(say: Callable[[str], None]) -> None:
    """Create them, two at a time, in a temporary folder that is renamed when all are complete."""
    started = time.monotonic()
    say("creating empty databases")
    building = ENVIRONMENT / "building-schema"
    shutil.rmtree(building, ignore_errors=True)
    configuration.write(Location("schema", building, 0))
    # Never used later, but keystone-manage insists on some.
    configuration.keystone.write_keys(Location("schema", building, 0))
    waiting = ["nova", "keystone", "neutron", "cinder", "glance", "placement"]
    running: dict[str, subprocess.Popen] = {}
    try:
        while waiting or running:
            while waiting and len(running) < (os.cpu_count() or 1):
                service = waiting.pop(0)
                running[service] = _make_one(service, building)
            for service, process in list(running.items()):
                if process.poll() is None:
                    continue
                if process.returncode:
                    log = building / "log" / f"{service}.out"
                    raise Trouble(f"databases of {service} could not be created: {last_line(log)} (see {log})")
                del running[service]
            time.sleep(0.05)
    finally:
        for process in running.values():
            process.kill()
            process.wait()
    for database in (building / "data/db").glob("*.db"):
        # The makers exited without closing: fold their write-ahead logs into the files, which are copied alone.
        connection = sqlite3.connect(database)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
    for outdated in ENVIRONMENT.glob("schema-*"):
        shutil.rmtree(outdated)
    building.rename(schema_folder())
    say(f"empty databases created in {time.monotonic() - started:.0f} s")


def _make_one(service: str, folder: Path) -> subprocess.Popen:
    with (folder / "log" / f"{service}.out").open("w") as output:
        return subprocess.Popen(
            [str(PYTHON), "-m", "devcloud.databases", service, str(folder)],
            stdout=output,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            env=child_environment(),
        )
