"""The portal's own background work: heartbeats."""

from celery import shared_task

from portal import health


@shared_task(name="portal.heartbeat", expires=60, acks_late=False)
def heartbeat() -> None:
    """Record that beat, broker and worker all work: beat sends this task and a worker runs it."""
    health.note("queue")
