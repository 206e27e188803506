"""How often something may be done: counted in Redis, so by all processes together."""

import time

from django.core.cache import cache


def wait_for(name: str, most: int, seconds: int) -> int:
    """Counts one more of `name`; the seconds to wait when that is more than `most` in this window, else 0.

    Raises redis.RedisError: what is limited is not done while nobody counts.
    """
    now = int(time.time())
    key = f"rate:{name}:{now // seconds}"
    cache.add(key, 0, 2 * seconds)  # outlives its window, so that the count is there when it grows
    return seconds - now % seconds if cache.incr(key) > most else 0
