"""A private Redis server."""

import subprocess
import time
from pathlib import Path

from portal.demo.redis import command


def start_redis(port: int, folder: Path) -> subprocess.Popen[bytes]:
    """Start a server on 127.0.0.1 and wait until it answers; the caller stops it."""
    import redis

    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "redis.log").open("ab") as log:
        process = subprocess.Popen(command(port, folder), stdout=log, stderr=log)
    deadline = time.monotonic() + 10
    with redis.Redis(port=port) as client:
        while True:
            try:
                client.ping()
            except redis.ConnectionError:
                if process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"Redis did not come up, see {folder}/redis.log") from None
                time.sleep(0.02)
            else:
                return process
