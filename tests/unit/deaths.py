"""A worker's death at every change that one run makes in the cloud, without a run of its own for each.

Where the worker would die, the run stands still in its place, as after kill -9: nothing of it is unwound. Another
worker comes, and what it leaves is judged. Then the database, Redis and the cloud are set back to the moment of the
death, and the run goes on to the next one.

That a worker may also die at any of its writes, and at requests that only look, is proven of the three ways to send
(test_operations_sending.py), which all changes go through.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from typing import Any

import redis
from django.conf import settings
from django.db import connection, transaction

from tests.unit.clouds_fake import FakeCloud


class Mortal:
    """The part of a fake that lets workers die at its changes. It calls `_comes` with each request that it counts, and
    `_goes` with each answer."""

    cloud: FakeCloud
    _dies: Callable[[str], None] | None = None
    _request = ""
    _changed = ""

    def _comes(self, request: Any) -> None:
        self._request = "" if request.method == "GET" else f"{request.method} {request.path}"
        if self._dies is not None:
            if self._changed and not self._request:
                self._dies(f"after the answer to {self._changed}")
            self._changed = ""
            if self._request:
                self._dies(f"before {self._request}")

    def _goes(self, answer: Any) -> Any:
        if self._dies is None or not self._request:
            return answer
        answer = deepcopy(answer)  # what comes next in the cloud does not change what was told
        self._dies(f"after {self._request}")
        self._changed = self._request
        return answer


@contextmanager
def at_each_change(fake: Mortal, follow: Callable[[], object]) -> Iterator[list[str]]:
    """Return the run inside dies at each change that it makes; each time `follow` is what comes afterwards, and its
    judge.

    Gives the deaths: before the cloud has done it, after that and before the answer was read, and after the answer was
    read where the run goes on to look at something.
    """
    deaths: list[str] = []
    failures: list[AssertionError] = []
    outside = list(connection.savepoint_ids)

    def dies(where: str) -> None:
        # A worker that dies loses what it has not committed; here that would stay.
        assert connection.savepoint_ids == outside, f"a request is sent inside a transaction: {where}"
        deaths.append(where)
        fake._dies = None
        with _set_back(fake), transaction.atomic():
            try:
                follow()
            except AssertionError as error:
                error.add_note(f"The worker died {where}.")
                failures.append(error)
            transaction.set_rollback(True)
        fake._dies = dies

    fake._dies = dies
    try:
        yield deaths
    finally:
        fake._dies = None
    if failures:
        raise failures[0]


@contextmanager
def _set_back(fake: Mortal) -> Iterator[None]:
    """Return what happens inside leaves no trace in the cloud and in Redis."""
    cloud = fake.cloud
    # At once, as the same row may stand in both. What is still to happen is kept as methods of these two.
    ours, theirs = deepcopy([_facts(fake, "cloud"), _facts(cloud)], {id(fake): fake, id(cloud): cloud})
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        kept = [(key, client.dump(key), max(client.pttl(key), 0)) for key in client.scan_iter()]
        yield
        client.flushdb()
        for key, value, milliseconds in kept:
            if value is not None:
                client.restore(key, milliseconds, value)
    for one, facts in ((fake, ours), (cloud, theirs)):
        for name, value in facts.items():
            here = getattr(one, name)
            if isinstance(here, list):
                here[:] = value  # the same list: what is still to happen may hold it
            elif isinstance(here, dict):
                here.clear()
                here.update(value)
            else:
                setattr(one, name, value)


def _facts(fake: object, *but: str) -> dict[str, Any]:
    return {key: value for key, value in vars(fake).items() if key not in ("mock", "_dies", *but)}
