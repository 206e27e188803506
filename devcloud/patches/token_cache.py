"""One token cache per process.

Without memcached, keystonemiddleware gives each thread a cache of its own: every token is validated once per thread.
"""

from __future__ import annotations

import contextlib

from keystonemiddleware.auth_token import _cache


def apply() -> None:
    @contextlib.contextmanager
    def reserve(self):
        if not self:
            self.append(_cache._FakeClient())
        yield self[0]

    _cache._CachePool.reserve = reserve
