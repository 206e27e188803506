"""The clock that starts periodic tasks, with a sign of life."""

from typing import Any

from celery.beat import PersistentScheduler

from portal import health


class Scheduler(PersistentScheduler):
    """Celery's own, which notes that it ticks; at least every few seconds."""

    max_interval = 10

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Start what is due; the seconds until the next look."""
        health.note("beat")
        seconds: float = super().tick(*args, **kwargs)
        return min(seconds, self.max_interval)
