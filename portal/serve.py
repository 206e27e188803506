"""gunicorn's configuration: gunicorn --config python:portal.serve portal.wsgi

MESHDECK_BIND (127.0.0.1:8000), MESHDECK_WEB_WORKERS (2), MESHDECK_WEB_THREADS (4).
"""

import gc
import os
import shutil
from pathlib import Path
from typing import Any

from prometheus_client import multiprocess

bind = os.environ.get("MESHDECK_BIND", "127.0.0.1:8000")
workers = int(os.environ.get("MESHDECK_WEB_WORKERS", "2"))
threads = int(os.environ.get("MESHDECK_WEB_THREADS", "4"))
worker_class = "gthread"
# Loaded once and shared by the workers: less memory, and a broken setting stops the start at once.
preload_app = True
# Its socket would be created in the home folder.
control_socket_disable = True
timeout = 30
keepalive = 75
# Heartbeats on disk can stall on slow disks.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108
# The portal logs requests itself, without query strings: a login callback carries its code in one.
accesslog = None

# Each process counts in its own files; /metrics adds them up.
_state = Path(os.environ.get("MESHDECK_STATE") or Path(__file__).resolve().parent.parent / ".meshdeck")
_metrics = Path(os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", str(_state / "metrics")))
shutil.rmtree(_metrics, ignore_errors=True)
_metrics.mkdir(parents=True, exist_ok=True)


def when_ready(_server: Any) -> None:
    """Freeze what is loaded by now: a worker's garbage collection would touch, and so copy, all shared memory."""
    gc.collect()
    gc.freeze()


def child_exit(_server: Any, worker: Any) -> None:
    """Remove the gauges of a worker that has exited."""
    multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]
