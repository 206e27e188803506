"""The Celery application: every call to a cloud happens in one of its workers, never in a page."""

import gc
import os
from typing import Any

from celery import Celery, signals
from django.db import close_old_connections

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

app = Celery("meshdeck")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["portal", "portal.identity", "projects", "services.service_users"])


@signals.setup_logging.connect
def _keep_django_logging(**_: Any) -> None:
    """Keep settings.LOGGING: a connected receiver is enough for Celery to leave the logging alone."""


@signals.worker_init.connect
def _set_up_worker(sender: Any, **_: Any) -> None:
    """Add task ids to log lines, count tasks, and give out seats. Connected before the pool forks."""
    from django_structlog.celery.receivers import CeleryReceiver

    from portal import metrics  # noqa: F401 - connects to the tasks' signals
    from projects.seats import Seats, name_of_worker

    CeleryReceiver().connect_worker_signals()
    Seats.of_worker(name_of_worker(), sender.concurrency)


@signals.worker_before_create_process.connect
def _share_memory(**_: Any) -> None:
    """Freeze what is loaded by now: a garbage collection would touch, and so copy, all memory shared with the pool."""
    gc.freeze()


@signals.task_prerun.connect
def _keep_connections(**_: Any) -> None:
    """Replace old or broken database connections and keep the others, as Django does before a request."""
    close_old_connections()


@signals.heartbeat_sent.connect
@signals.worker_ready.connect
def _worker_lives(**_: Any) -> None:
    from portal import health

    health.note("worker")
