"""Celery workers and beat of the portal on the test's own database and Redis, to be killed."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import redis
from django.conf import settings
from django.db import connection

from tests.support import environment


class Workers:
    """Workers of two processes each. `stop` ends those that still run."""

    def __init__(self, log: Path) -> None:
        self.log = log
        self.running: list[subprocess.Popen[bytes]] = []
        forget_messages()

    def start(self) -> "subprocess.Popen[bytes]":
        """Start one more worker."""
        return self._start("worker", "-c", "2", "--without-mingle", "--without-gossip")

    def start_beat(self) -> "subprocess.Popen[bytes]":
        """Start beat."""
        return self._start("beat", "--pidfile=")

    def _start(self, *arguments: str) -> "subprocess.Popen[bytes]":
        database = connection.settings_dict
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "celery", "-A", "portal", *arguments, "-l", "INFO"],
                cwd=environment.ROOT,
                env=os.environ
                | environment.portal()
                | {
                    "MESHDECK_STATE": str(self.log.parent),
                    "MESHDECK_REDIS_URL": settings.REDIS_URL,
                    "MESHDECK_DATABASE_URL": f"sqlite:///{database['NAME']}",
                },
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.running.append(process)
        return process

    def kill(self, process: "subprocess.Popen[bytes]") -> None:
        """Kill the worker and its children at once, as the kernel does when memory runs out."""
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        self.running.remove(process)

    @staticmethod
    def children(process: "subprocess.Popen[bytes]") -> list[psutil.Process]:
        """Return the processes that do the work."""
        return psutil.Process(process.pid).children(recursive=True)

    def stop(self) -> None:
        """Stop all of them."""
        for process in self.running:
            os.killpg(process.pid, signal.SIGTERM)
        for process in self.running:
            process.wait(30)
        self.running.clear()


def forget_messages() -> None:
    """Delete everything from the broker, as if it had lost its data."""
    with redis.Redis.from_url(settings.REDIS_URL) as broker:
        broker.delete("celery", "unacked", "unacked_index")


def eventually(condition: Callable[[], Any], log: Path, seconds: float = 60) -> None:
    """Wait until the condition holds; fail with the end of the log."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, log.read_text()[-4000:]
        time.sleep(0.2)
