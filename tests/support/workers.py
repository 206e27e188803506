"""Celery workers and the clock of the portal on the test's own database and Redis, to be killed."""

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
    """Workers of two processes each. `stop` ends what still runs."""

    def __init__(self, log: Path) -> None:
        self.log = log
        self.running: list[subprocess.Popen[bytes]] = []
        forget_messages()

    def start(self) -> "subprocess.Popen[bytes]":
        """One more worker."""
        return self._start("worker", "-c", "2", "--without-mingle", "--without-gossip")

    def start_beat(self) -> "subprocess.Popen[bytes]":
        """The clock."""
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
        """As the kernel does when memory runs out: the worker and its children, at once."""
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        self.running.remove(process)

    @staticmethod
    def children(process: "subprocess.Popen[bytes]") -> list[psutil.Process]:
        """The processes that do the work."""
        return psutil.Process(process.pid).children(recursive=True)

    def stop(self) -> None:
        """Ends all of them."""
        for process in self.running:
            os.killpg(process.pid, signal.SIGTERM)
        for process in self.running:
            process.wait(30)
        self.running.clear()


def forget_messages() -> None:
    """The broker loses everything that it had."""
    with redis.Redis.from_url(settings.REDIS_URL) as broker:
        broker.delete("celery", "unacked", "unacked_index")


def eventually(condition: Callable[[], Any], log: Path, seconds: float = 60) -> None:
    """Waits until the condition holds; fails with the end of the log."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, log.read_text()[-4000:]
        time.sleep(0.2)
