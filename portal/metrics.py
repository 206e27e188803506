"""Prometheus metrics at /metrics, for this machine and for holders of the token.

django-prometheus counts requests and queries of the web processes. Workers count in Redis (`count` and `observe`, read
by the collector below): they are many processes, perhaps on other machines, and nothing scrapes them.
"""

import hmac
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

import redis
import structlog
from celery import signals
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from django_prometheus import exports
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector
from redis.exceptions import RedisError

if TYPE_CHECKING:
    from celery import Task

log = structlog.get_logger(__name__)

_KEY = "meshdeck:metrics"
_SECONDS = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)


@dataclass(frozen=True)
class Counter:
    """A counter, kept separately for each combination of its label values."""

    name: str
    help: str
    labels: tuple[str, ...]


CLOUD_ERRORS = Counter(
    "meshdeck_cloud_errors", "Cloud errors by location, service and kind.", ("location", "service", "kind")
)
TASKS = Counter("meshdeck_tasks", "Background tasks by name and outcome.", ("task", "ending"))
TASK_SECONDS = Counter("meshdeck_task_seconds", "Wall time of background tasks, including refreshes.", ("task",))
OPERATIONS = Counter("meshdeck_operations", "Operations by action and outcome.", ("action", "ending"))
OPERATION_SECONDS = Counter(
    "meshdeck_operation_seconds",
    "Time from the request until the cloud accepted the change, and until the end of successful operations.",
    ("action", "until"),
)
REFUSED = Counter("meshdeck_refused", "Requests that were refused, by what was wrong with them.", ("what",))
_COUNTERS = (CLOUD_ERRORS, TASKS, OPERATIONS, REFUSED)


def _client() -> "redis.Redis":
    return _client_of(settings.REDIS_URL)


@lru_cache(maxsize=4)
def _client_of(url: str) -> "redis.Redis":
    """Return a client, cached per process: a connection for each count would cost more than the counting."""
    return redis.Redis.from_url(url, decode_responses=True, socket_timeout=2)


def count(counter: Counter, *labels: str) -> None:
    """Increment the counter. Without Redis nothing is counted: metrics must never get in the way of work."""
    _add([(_field(counter.name, *labels), 1.0)])


def observe(counter: Counter, seconds: float, *labels: str) -> None:
    """Record a duration."""
    bucket = next((str(limit) for limit in _SECONDS if seconds <= limit), "+Inf")
    _add([(_field(counter.name, bucket, *labels), 1.0), (_field(counter.name, "sum", *labels), seconds)])


def _field(*parts: str) -> str:
    return "\x1f".join(parts)


def _add(amounts: Sequence[tuple[str, float]]) -> None:
    try:
        with _client().pipeline(transaction=False) as pipe:
            for field, amount in amounts:
                pipe.hincrbyfloat(_KEY, field, amount)
            pipe.execute()
    except RedisError as error:
        log.warning("not_counted", error=type(error).__name__)


# What other parts of the site collect; each adds its own when Django starts.
OTHERS: list[Callable[[], Iterator[Metric]]] = []


class Work(Collector):
    """The workers' counters, the length of the queue, and what other parts of the site add (OTHERS)."""

    def collect(self) -> Iterator[Metric]:
        """Yield all metric families; those from Redis are left out if it does not answer."""
        for collect in OTHERS:
            yield from collect()
        try:
            fields = cast("dict[str, str]", _client().hgetall(_KEY))
            waiting = _client().llen("celery")
        except RedisError as error:
            log.warning("metrics_without_redis", error=type(error).__name__)
            return
        values = [(tuple(field.split("\x1f")), float(value)) for field, value in fields.items()]
        for counter in _COUNTERS:
            family = CounterMetricFamily(counter.name, counter.help, labels=counter.labels)
            for (name, *labels), value in values:
                if name == counter.name:
                    family.add_metric(labels, value)
            yield family
        yield _histogram(TASK_SECONDS, values)
        yield _histogram(OPERATION_SECONDS, values)
        yield GaugeMetricFamily("meshdeck_queue_length", "Tasks waiting for a worker.", value=waiting)


def _histogram(counter: Counter, values: list[tuple[tuple[str, ...], float]]) -> Metric:
    family = HistogramMetricFamily(counter.name, counter.help, labels=counter.labels)
    found: dict[tuple[str, ...], dict[str, float]] = {}
    for (name, *rest), value in values:
        if name == counter.name:
            found.setdefault(tuple(rest[1:]), {})[rest[0]] = value
    for labels, parts in found.items():
        total, buckets = 0.0, []
        for limit in (*map(str, _SECONDS), "+Inf"):
            total += parts.get(limit, 0.0)
            buckets.append((limit, total))
        family.add_metric(labels, buckets, parts.get("sum", 0.0))
    return family


@login_not_required
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Return the metrics in Prometheus' text format; 404 for everyone but this machine and holders of the token."""
    if not _may_read(request):
        raise Http404
    requests = exports.ExportToDjangoView(request)
    registry = CollectorRegistry()
    registry.register(Work())
    return HttpResponse(bytes(requests.content) + generate_latest(registry), content_type=requests["Content-Type"])


def _may_read(request: HttpRequest) -> bool:
    if settings.METRICS_TOKEN:
        given = request.headers.get("Authorization", "")
        return hmac.compare_digest(given.encode(), f"Bearer {settings.METRICS_TOKEN}".encode())
    # A proxy on this machine has the same address, but says whom it asks for.
    forwarded = any(name in request.headers for name in ("X-Forwarded-For", "Forwarded", "X-Real-Ip"))
    return request.META.get("REMOTE_ADDR") in ("127.0.0.1", "::1") and not forwarded


# Workers ------------------------------------------------------------------------------------------------------------
_begun: dict[str, float] = {}


@signals.task_prerun.connect
def _task_begins(task_id: str, **_: Any) -> None:
    _begun[task_id] = time.monotonic()


@signals.task_postrun.connect
def _task_ends(task_id: str, task: "Task[..., Any]", state: str | None = None, **_: Any) -> None:
    begun = _begun.pop(task_id, None)
    if begun is not None:
        observe(TASK_SECONDS, time.monotonic() - begun, task.name)
    count(TASKS, task.name, (state or "unknown").lower())
