"""What unit tests share: no cloud and no browser. Redis, SQLite and the identity providers are real.

They lie in tests/unit and, those of one action or module, beside it in projects/ and services/.
"""

from pathlib import Path

import pytest
import redis as redis_client
from django.conf import settings
from django.test import Client

from projects.models import Tenant
from tests import factories

TESTS = Path(__file__).resolve().parent


@pytest.fixture(autouse=True)
def _empty_redis(request: pytest.FixtureRequest) -> None:
    """Nothing that an earlier test remembered. Tests of other kinds share what they remember."""
    if request.path.is_relative_to(TESTS) and not request.path.is_relative_to(TESTS / "unit"):
        return
    with redis_client.Redis.from_url(settings.REDIS_URL) as client:
        client.flushdb()


@pytest.fixture
def cast() -> factories.Cast:
    """Everybody and everything of the demo's story."""
    return factories.cast()


@pytest.fixture
def atlas(cast: factories.Cast) -> Tenant:
    """Atlas at north."""
    return cast.atlas


@pytest.fixture
def member(client: Client, cast: factories.Cast) -> Client:
    """Member's browser."""
    factories.log_in(client, cast.member)
    return client


@pytest.fixture
def reader(cast: factories.Cast) -> Client:
    """Reader's browser, beside the member's."""
    client = Client()
    factories.log_in(client, cast.reader)
    return client
