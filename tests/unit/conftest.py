"""Unit tests: no cloud and no browser. Redis, SQLite and the identity providers are real."""

import pytest
import redis as redis_client
from django.conf import settings


@pytest.fixture(autouse=True)
def _empty_redis() -> None:
    """Nothing that an earlier test remembered."""
    with redis_client.Redis.from_url(settings.REDIS_URL) as client:
        client.flushdb()
