"""How many of a worker's processes may wait for one location at once, so that one that hangs holds up no other.

A task takes a seat at its location before it calls it, and comes again a moment later where none is free. Seats are of
one worker, which has so many processes (`Seats.of_worker`); each ends by itself at the task's time limit, should its
process be killed.
"""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from functools import cache
from uuid import uuid4

import redis
from django.conf import settings

from projects.models import Location

# Whoever found no seat comes again after so many seconds.
AGAIN = 1.0


class Work(StrEnum):
    """What a seat is for. Somebody waits for a change."""

    CHANGE = "change"
    READ = "read"


# KEYS: the location's seats, a set of "work:token" by the time at which each ends.
# ARGV: now, the end of this seat, its work, its token, how many seats there are for this work, and for all.
_TAKE = """
redis.call("ZREMRANGEBYSCORE", KEYS[1], "-inf", ARGV[1])
local taken, same = redis.call("ZRANGE", KEYS[1], 0, -1), 0
for _, one in ipairs(taken) do
  if string.sub(one, 1, #ARGV[3]) == ARGV[3] then same = same + 1 end
end
if same >= tonumber(ARGV[5]) or #taken >= tonumber(ARGV[6]) then return 0 end
redis.call("ZADD", KEYS[1], ARGV[2], ARGV[3] .. ":" .. ARGV[4])
redis.call("PEXPIREAT", KEYS[1], math.ceil(redis.call("ZRANGE", KEYS[1], -1, -1, "WITHSCORES")[2] * 1000))
return 1
"""


class Seats:
    """The seats of one worker with so many `processes`, called `worker`."""

    mine: "Seats | None" = None

    def __init__(self, worker: str, processes: int) -> None:
        self.worker, self.processes = worker, processes

    @classmethod
    def of_worker(cls, worker: str, processes: int) -> None:
        """Say which worker this is, before its processes begin. Without it there are seats for everybody."""
        cls.mine = cls(worker, processes)

    def shares(self, location: Location, work: Work) -> tuple[int, int]:
        """Return how many seats there are for this work, and for all at this location. One process is for the others.

        Of a location where something does not answer, each call may wait for as long as a call may take.
        """
        answers = location.health == Location.Health.ANSWERS
        every = max(1, self.processes - 1)
        if work is Work.CHANGE:
            return (every if answers else max(1, self.processes // 4)), every
        return (max(1, self.processes // 2) if answers else 1), every

    @contextmanager
    def at(self, location: Location, work: Work, seconds: float) -> Iterator[bool]:
        """Hold a seat; False where none is free. It ends with the block, or after `seconds`."""
        key, token, now = f"seats:{self.worker}:{location.pk}", uuid4().hex, time.time()
        most, every = self.shares(location, work)
        client = _client()
        taken = bool(client.eval(_TAKE, 1, key, now, now + seconds, work.value, token, most, every))
        try:
            yield taken
        finally:
            if taken:
                client.zrem(key, f"{work.value}:{token}")


@contextmanager
def seat(location: Location, work: Work, seconds: float) -> Iterator[bool]:
    """Hold a seat of this worker at a location for at most `seconds`; False where none is free. RedisError.

    Where there is no other location that it could hold up, there are seats for everybody.
    """
    if Seats.mine is None or not Location.objects.filter(enabled=True).exclude(pk=location.pk).exists():
        yield True
        return
    with Seats.mine.at(location, work, seconds) as taken:
        yield taken


def name_of_worker(hostname: str = "") -> str:
    """Return a name that no other worker has: two may run on one machine."""
    return f"{hostname or socket.gethostname()}:{uuid4().hex[:8]}"


@cache
def _client() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=3, socket_connect_timeout=3)
