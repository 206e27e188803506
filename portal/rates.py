"""Rate limits, counted in Redis across all processes.

`wait_for` guards what must not happen uncounted, such as a file with a token: without Redis it raises. `exceeded`
guards everything else: without Redis nothing is counted and nobody is kept out, since pages need no Redis and would be
lost with it. Logins and the work behind operations need Redis anyway.
"""

import time
from collections.abc import Callable
from functools import lru_cache

import structlog
from django.conf import settings
from limits import RateLimitItem, RateLimitItemPerSecond, parse
from limits.storage import RedisStorage
from limits.strategies import SlidingWindowCounterRateLimiter
from redis.exceptions import RedisError

__all__ = ["RedisError", "exceeded", "parsed", "spent", "wait_for"]

log = structlog.get_logger(__name__)

# A page waits no longer than this to be counted.
_PATIENCE = {"socket_connect_timeout": 0.5, "socket_timeout": 0.5}
_LEFT_ALONE_SECONDS = 5.0  # after a failure Redis is not asked again for so long
_failed_at: dict[str, float] = {}


@lru_cache(maxsize=64)
def parsed(rate: str) -> RateLimitItem:
    """Return the limit that a setting names: "60/minute". Raises ValueError."""
    return parse(rate)


def wait_for(name: str, most: int, seconds: int) -> int:
    """Count one more `name`. Return the seconds to wait if there were `most` in the last `seconds` already, else 0.

    Raises redis.RedisError: without a count, what is limited is not done.
    """
    return _hit(RateLimitItemPerSecond(most, seconds), name)


def exceeded(rate: str, who: str) -> int:
    """Count one more request of `who` against settings.RATES[rate]. Return the seconds to wait, 0 if there is room."""
    return _counted(rate, who, _hit)


def spent(rate: str, who: str) -> int:
    """Return the same without counting: for limits on failures, which are counted when they happen."""
    return _counted(rate, who, _look)


def _counted(rate: str, who: str, count: Callable[[RateLimitItem, str], int]) -> int:
    limit = settings.RATES[rate]
    if not limit or time.monotonic() - _failed_at.get(settings.REDIS_URL, -_LEFT_ALONE_SECONDS) < _LEFT_ALONE_SECONDS:
        return 0
    try:
        return count(parsed(limit), f"{rate}:{who}")
    except RedisError as error:
        _failed_at[settings.REDIS_URL] = time.monotonic()
        log.warning("rates_not_counted", error=type(error).__name__, for_seconds=_LEFT_ALONE_SECONDS)
        return 0


def _hit(item: RateLimitItem, name: str) -> int:
    limiter = _limiter(settings.REDIS_URL)
    return 0 if limiter.hit(item, name) else _wait(limiter, item, name)


def _look(item: RateLimitItem, name: str) -> int:
    limiter = _limiter(settings.REDIS_URL)
    return 0 if limiter.test(item, name) else _wait(limiter, item, name)


def _wait(limiter: SlidingWindowCounterRateLimiter, item: RateLimitItem, name: str) -> int:
    left = limiter.get_window_stats(item, name).reset_time - time.time()
    return min(max(1, round(left)), item.get_expiry())


@lru_cache(maxsize=4)
def _limiter(url: str) -> SlidingWindowCounterRateLimiter:
    """Return the limiter, cached per process with its connections."""
    return SlidingWindowCounterRateLimiter(RedisStorage(url, None, "meshdeck:rates", False, **_PATIENCE))
