"""The Celery tasks: every call to a cloud happens in one of them. Arguments are ids and grants' handles, no secrets."""

from projects.tasks.discover import discover, rediscover
from projects.tasks.fetch import fetch
from projects.tasks.locations import check_location, check_locations
from projects.tasks.operations import run_operation, sweep
from projects.tasks.refresh import refresh, refresh_in_use
from projects.tasks.usage import sample_usage

__all__ = [
    "check_location",
    "check_locations",
    "discover",
    "fetch",
    "rediscover",
    "refresh",
    "refresh_in_use",
    "run_operation",
    "sample_usage",
    "sweep",
]
