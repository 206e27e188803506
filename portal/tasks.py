"""The portal's own background work: signs of life."""

from celery import shared_task

from portal import health


@shared_task(name="portal.heartbeat", expires=60, acks_late=False)
def heartbeat() -> None:
    """Beat sends it, the broker carries it, a worker runs it: that it ran says that all three do their work."""
    health.note("queue")
