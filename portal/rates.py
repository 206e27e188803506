"""Rate limits, counted in Redis across all processes."""

import time

from django.core.cache import cache


def wait_for(name: str, most: int, seconds: int) -> int:
    """Count one more `name`. Return the seconds to wait if this exceeds `most` in the current window, else 0.

    Raises redis.RedisError: without a count, what is limited is not done.
    """
    now = int(time.time())
    key = f"rate:{name}:{now // seconds}"
    cache.add(key, 0, 2 * seconds)  # outlives its window, so that it still exists when it is incremented
    return seconds - now % seconds if cache.incr(key) > most else 0
