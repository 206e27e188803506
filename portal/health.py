"""Liveness (/healthz) and readiness (/readyz) of the portal.

/healthz: 200, without checking anything. /readyz: 200 or 503, JSON {"ready": bool, "parts": {name: "well" | reason}}.
The reasons are fixed sentences: the page is open to anyone, so it must not reveal addresses, versions or errors.
"""

import time
from collections.abc import Callable

import structlog
from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)

# A part reports every 5 to 15 seconds; one that has not for this long is gone or hangs.
SILENCE_SECONDS = 60
_NOTE_EVERY = 5.0
_noted: dict[str, float] = {}


def note(part: str) -> None:
    """Record that a part is alive. Cheap to call often; without Redis nothing is recorded and `/readyz` says so."""
    now = time.monotonic()
    if now - _noted.get(part, -_NOTE_EVERY) < _NOTE_EVERY:
        return
    _noted[part] = now
    try:
        cache.set(f"seen:{part}", time.time(), timeout=None)
    except RedisError as error:
        log.warning("sign_of_life_not_noted", part=part, error=type(error).__name__)


@login_not_required
@require_safe
@never_cache
def healthz(_request: HttpRequest) -> HttpResponse:
    """Answer that this process is running."""
    return HttpResponse("alive\n", content_type="text/plain; charset=utf-8")


@login_not_required
@require_safe
@never_cache
def readyz(_request: HttpRequest) -> JsonResponse:
    """Report each part's state by its name."""
    parts = {name: check() for name, check in _CHECKS.items()}
    ready = all(word == _WELL for word in parts.values())
    return JsonResponse({"ready": ready, "parts": parts}, status=200 if ready else 503)


_WELL = "well"


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        log.warning("not_ready", part="database", error=str(error))
        return "does not answer"
    return _WELL


def _redis() -> str:
    try:
        cache.get("seen:worker")
    except RedisError as error:
        log.warning("not_ready", part="redis", error=str(error))
        return "does not answer"
    return _WELL


def _seen(part: str) -> Callable[[], str]:
    def check() -> str:
        try:
            last: float | None = cache.get(f"seen:{part}")
        except RedisError:
            return "unknown: redis does not answer"
        if last is None:
            return "not seen yet"
        silent = time.time() - last
        return _WELL if silent <= SILENCE_SECONDS else f"not seen for {silent:.0f} s"

    return check


_CHECKS: dict[str, Callable[[], str]] = {
    "database": _database,
    "redis": _redis,
    "worker": _seen("worker"),  # its main process is running
    "beat": _seen("beat"),  # the scheduler is running
    "queue": _seen("queue"),  # scheduled tasks are carried out
}
