"""The portal's refresh token at the built-in provider: bound to its secret, so it stays, and no crash loses a login."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.db import connection
from pytest_django.fixtures import Settings

from portal.identity import vault
from portal.identity.models import Grant
from tests.providers import builtin
from tests.providers.builtin import IdentityProvider
from tests.providers.whole_login import log_in, point, portal_browser
from tests.support.postgres import postgres


def stays(provider: IdentityProvider) -> None:
    """However often it is used, one after the other and at once."""
    client, first = provider.client(), provider.tokens("member")["refresh_token"]
    with ThreadPoolExecutor(4) as pool:
        answers = [client.refresh(first), *pool.map(client.refresh, [first] * 4), client.refresh(first)]
    assert [answer.status_code for answer in answers] == [200] * 6
    assert {answer.json()["refresh_token"] for answer in answers} == {first}
    assert len({answer.json()["access_token"] for answer in answers}) == 6


def test_it_stays_the_same(identity_provider: IdentityProvider) -> None:
    stays(identity_provider)


@pytest.mark.requires("postgresql")
def test_it_is_so_on_postgresql_too(tmp_path_factory: pytest.TempPathFactory) -> None:
    with (
        postgres() as url,
        builtin.identity_provider(tmp_path_factory.mktemp("postgresql"), DATABASE_URL=url) as provider,
    ):
        stays(provider)


@pytest.fixture(scope="module")
def hasty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[IdentityProvider]:
    with builtin.identity_provider(tmp_path_factory.mktemp("hasty"), REFRESH_TOKEN_SECONDS="4") as provider:
        yield provider


def test_each_use_gives_it_its_life_anew_and_unused_it_ends(hasty: IdentityProvider) -> None:
    client, token = hasty.client(), hasty.tokens("member")["refresh_token"]
    for _ in range(3):
        time.sleep(2)
        answer = client.refresh(token)
        assert answer.status_code == 200
        assert answer.json()["refresh_expires_in"] in (3, 4)
    time.sleep(4.5)
    assert client.refresh(token).json()["error"] == "invalid_grant"


def dying(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
    """Return the worker's time is over just when it writes down what the provider answered."""
    if sql.startswith('UPDATE "identity_grant"') and '"access_token" =' in sql:
        raise SoftTimeLimitExceeded
    return execute(sql, *rest)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("patient_portal")
def test_a_worker_that_dies_before_it_wrote_the_answer_down_costs_no_login(
    identity_provider: IdentityProvider, settings: Settings
) -> None:
    point(settings, identity_provider)
    log_in(portal_browser(), identity_provider, "member")
    grant = Grant.objects.get()
    Grant.objects.update(expires_at=datetime.now(UTC))
    with connection.execute_wrapper(dying), pytest.raises(SoftTimeLimitExceeded):
        vault.access_token(grant.pk)
    assert vault.access_token(grant.pk).expires_at > datetime.now(UTC)
    assert vault.is_live(grant.pk)
