"""A private PostgreSQL cluster on a free port, deleted when the block ends."""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.providers.processes import free_port


def bin_folder() -> Path | None:
    """Return the folder of initdb and postgres; None without a server."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent  # only a link may be on PATH
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return versions[-1].parent if versions else None


def _owner() -> pwd.struct_passwd | None:
    """Return the user to run PostgreSQL as, since it refuses root. None: the current user."""
    return pwd.getpwnam("postgres") if os.geteuid() == 0 else None


@contextmanager
def postgres() -> Iterator[str]:
    """Run a server until the block ends; yield the URL of an empty database."""
    programs = bin_folder()
    if programs is None:
        raise RuntimeError("PostgreSQL's server programs are missing")
    owner = _owner()
    user = owner.pw_name if owner else None
    # Not in the state folder: its parents may be closed to another user, and a socket's path must be short.
    folder = Path(tempfile.mkdtemp(prefix="meshdeck-postgres-"))
    try:
        if owner:
            os.chown(folder, owner.pw_uid, owner.pw_gid)
        data = folder / "data"
        subprocess.run(
            [programs / "initdb", "-D", data, "-U", "meshdeck", "-A", "trust", "-E", "UTF8", "--no-sync"],
            user=user,
            cwd=folder,
            check=True,
            capture_output=True,
        )
        port = free_port()
        options = ["-p", str(port), "-k", str(folder), "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"]
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(
                [programs / "postgres", "-D", data, *options], user=user, cwd=folder, stdout=log, stderr=log
            )
        try:
            _wait(programs, port, server, folder / "log")
            subprocess.run(
                [programs / "createdb", "-h", "127.0.0.1", "-p", str(port), "-U", "meshdeck", "meshdeck"], check=True
            )
            yield f"postgres://meshdeck@127.0.0.1:{port}/meshdeck"
        finally:
            server.terminate()
            server.wait(20)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _wait(programs: Path, port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and server.poll() is None:
        asked = subprocess.run([programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)], check=False)
        if asked.returncode == 0:
            return
        time.sleep(0.1)
    raise RuntimeError(f"PostgreSQL did not come up: {log.read_text(errors='replace')[-1000:]}")
