"""Start a server for a test run and stop it again."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import requests

PROGRAMS = {name: os.environ[name] for name in ("PATH", "HOME", "JAVA_HOME") if name in os.environ}
ROOT = Path(__file__).resolve().parent.parent.parent


def free_port() -> int:
    """Return a port of 127.0.0.1 that is free right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def serving(
    command: Sequence[str],
    ready_url: str,
    log: Path,
    environment: Mapping[str, str],
    seconds: float = 120,  # started with low priority beside clouds and browsers
    folder: Path = ROOT,
) -> Iterator[subprocess.Popen[bytes]]:
    """Run `command` until the block ends; enter the block when `ready_url` answers 200.

    It sees `environment` and where programs lie, and nothing of the test run's own settings.
    Its output goes to `log`, whose end is in the failure when it does not come up within `seconds`.
    """
    with log.open("ab") as output:
        process = subprocess.Popen(
            command, env={**PROGRAMS, **environment}, stdout=output, stderr=subprocess.STDOUT, cwd=folder
        )
        try:
            _wait(process, ready_url, log, seconds)
            yield process
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(5)


def _wait(process: subprocess.Popen[bytes], url: str, log: Path, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args!r} ended with {process.returncode}: {_tail(log)}")
        try:
            if requests.get(url, timeout=2).status_code == 200:
                return
        except requests.RequestException:
            pass  # not listening yet
        time.sleep(0.1)
    raise RuntimeError(f"{url} did not answer within {seconds:.0f} s: {_tail(log)}")


def _tail(log: Path) -> str:
    return log.read_text(errors="replace")[-2000:]
