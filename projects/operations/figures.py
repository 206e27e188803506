"""What Prometheus is told of operations (portal/metrics.py): how many, how they end, and how long people wait."""

from datetime import datetime

from portal import metrics
from projects.models import Operation


def accepted(operation: Operation, at: datetime) -> None:
    """Measure how long it took until the cloud accepted the change."""
    metrics.observe(metrics.OPERATION_SECONDS, _seconds(operation, at), operation.action, "accepted")


def ended(operation: Operation, state: str, at: datetime) -> None:
    """Count the end of an operation in this state."""
    metrics.count(metrics.OPERATIONS, operation.action, state)
    if state == Operation.State.DONE:
        metrics.observe(metrics.OPERATION_SECONDS, _seconds(operation, at), operation.action, "done")


def _seconds(operation: Operation, at: datetime) -> float:
    return (at - operation.asked_at).total_seconds()
