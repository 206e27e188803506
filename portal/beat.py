"""The Celery scheduler of periodic tasks, with a heartbeat for health checks."""

from typing import Any

from celery.beat import PersistentScheduler

from portal import health


class Scheduler(PersistentScheduler):
    """Celery's own scheduler, which records a heartbeat at least every few seconds."""

    max_interval = 10

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Start what is due and return the seconds until the next check."""
        health.note("beat")
        seconds: float = super().tick(*args, **kwargs)
        return min(seconds, self.max_interval)
