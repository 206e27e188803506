"""The login is renewed on the server: once, by whoever comes first, and a provider that is away ends nothing."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portal.identity import sessions, vault
from portal.identity.errors import ProviderUnreachable
from portal.identity.models import Grant
from tests.providers.hostile import Broken, HostileProvider, key
from tests.providers.login import log_in
from tests.unit.identity_cast import PRIVATE, near_its_end, operator

pytestmark = pytest.mark.django_db


def test_a_fresh_login_costs_a_page_two_queries_and_no_request(client: Client, hostile: HostileProvider) -> None:
    log_in(client, hostile)
    asked = len(hostile.seen)
    with CaptureQueriesContext(connection) as queries:
        client.get(PRIVATE)
    ours = [query["sql"] for query in queries if "identity_" in query["sql"] or "django_session" in query["sql"]]
    assert len(ours) == 2, ours  # the session, the user
    assert len(hostile.seen) == asked


def test_a_page_renews_a_login_near_its_end(client: Client, hostile: HostileProvider) -> None:
    operator(hostile)
    log_in(client, hostile)
    before = near_its_end(client)
    assert client.get(PRIVATE).status_code == 200
    after = Grant.objects.get()
    assert after.expires_at > before.expires_at
    assert after.access_token != before.access_token
    assert after.refresh_token != before.refresh_token
    assert after.renewing_since is None
    assert client.session[sessions.RENEW_AT] == pytest.approx(after.renew_at.timestamp())
    assert client.get(PRIVATE).status_code == 200
    assert hostile.asked("/token") == 2


def test_a_worker_gets_a_renewed_token(client: Client, hostile: HostileProvider) -> None:
    log_in(client, hostile)
    grant = near_its_end(client)
    token = vault.access_token(grant.pk)
    assert token.value == hostile.issued[-3]
    assert token.expires_at > datetime.now(UTC) + timedelta(seconds=200)
    assert token.value not in repr(token)


@pytest.mark.django_db(transaction=True)
def test_however_many_ask_the_refresh_token_is_used_once(client: Client, hostile: HostileProvider) -> None:
    log_in(client, hostile)
    grant = near_its_end(client)
    got: list[str] = []
    failed: list[Exception] = []

    def ask() -> None:
        try:
            got.append(vault.access_token(grant.pk).value)
        except Exception as error:  # noqa: BLE001 - told by the assertion below
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert len(got) == 8
    assert len(set(got)) == 1
    assert hostile.asked("/token") == 2  # the login's and one renewal


def test_a_page_does_not_wait_for_anothers_renewal(client: Client, hostile: HostileProvider) -> None:
    operator(hostile)
    log_in(client, hostile)
    near_its_end(client)
    Grant.objects.update(renewing_since=datetime.now(UTC))
    assert client.get(PRIVATE).status_code == 200
    assert hostile.asked("/token") == 1


def test_the_claim_of_a_dead_process_is_taken_over(client: Client, hostile: HostileProvider) -> None:
    log_in(client, hostile)
    grant = near_its_end(client)
    Grant.objects.update(renewing_since=datetime.now(UTC) - timedelta(seconds=31))
    assert vault.access_token(grant.pk).value == hostile.issued[-3]


def test_a_renewal_that_was_just_done_is_not_done_again(client: Client, hostile: HostileProvider) -> None:
    """Somebody else renewed between our look at the grant and our claim."""
    log_in(client, hostile)
    seen_before = near_its_end(client)
    vault.renew(seen_before.pk)
    assert vault._claim(seen_before) is None


AWAY = [Broken(500), Broken(200, b"<html>"), Broken(401, b'{"error": "invalid_client"}'), Broken(404, b"gone")]


@pytest.mark.parametrize("broken", AWAY, ids=range(len(AWAY)))
def test_a_provider_that_is_away_logs_nobody_out(client: Client, hostile: HostileProvider, broken: Broken) -> None:
    operator(hostile)
    log_in(client, hostile)
    grant = near_its_end(client, timedelta(seconds=-100))
    hostile.broken["/token"] = broken
    for _ in range(3):
        assert client.get(PRIVATE).status_code == 200
    assert hostile.asked("/token") == 2  # and it is not asked by each page
    with pytest.raises(ProviderUnreachable):
        vault.access_token(grant.pk)
    hostile.broken.clear()
    assert vault.access_token(grant.pk).value == hostile.issued[-3]


def test_a_token_that_still_lives_is_good_enough_meanwhile(client: Client, hostile: HostileProvider) -> None:
    log_in(client, hostile)
    grant = near_its_end(client)
    hostile.broken["/token"] = Broken(500)
    assert vault.access_token(grant.pk).value == hostile.issued[-3]


def test_a_renewal_is_kept_though_the_keys_are_away(
    client: Client, hostile: HostileProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old refresh token is used up by then: losing the new one would lose the login."""
    log_in(client, hostile)
    grant = near_its_end(client)
    kept = grant.id_token
    hostile.sign = lambda claims: jwt.encode(claims, key(1), algorithm="RS256", headers={"kid": "new"})
    hostile.broken["/keys"] = Broken(500)
    monkeypatch.setattr("portal.identity.discovery.NEW_KEYS_SECONDS", 0)
    assert vault.access_token(grant.pk).value == hostile.issued[-3]
    grant.refresh_from_db()
    assert grant.id_token == kept


def test_the_operators_right_goes_with_the_renewal(client: Client, hostile: HostileProvider) -> None:
    operator(hostile)
    log_in(client, hostile)
    near_its_end(client)
    hostile.claims, hostile.userinfo = {"groups": None}, {"sub": "person-1", "groups": ["meshdeck-operators"]}
    assert client.get(PRIVATE).status_code == 200  # the ID token says nothing of groups, but userinfo does
    near_its_end(client)
    hostile.claims = {"groups": []}
    client.get(PRIVATE)
    assert client.get(PRIVATE).status_code == 404


def test_an_operator_whose_groups_are_told_nowhere_any_more_is_none(client: Client, hostile: HostileProvider) -> None:
    """Keycloak leaves the claim out for people without groups."""
    operator(hostile)
    log_in(client, hostile)
    near_its_end(client)
    hostile.claims = {"groups": None}
    client.get(PRIVATE)
    assert client.get(PRIVATE).status_code == 404


def test_a_provider_without_rotation_keeps_its_refresh_token(client: Client, hostile: HostileProvider) -> None:
    log_in(client, hostile)
    before = near_its_end(client)
    hostile.token = {"refresh_token": None}
    vault.access_token(before.pk)
    assert Grant.objects.get().refresh_token == before.refresh_token


def test_a_silent_provider_gives_five_minutes(client: Client, hostile: HostileProvider) -> None:
    hostile.token = {"expires_in": None}
    log_in(client, hostile)
    grant = Grant.objects.get()
    assert grant.expires_at - grant.renewed_at == timedelta(minutes=5)


@pytest.mark.parametrize("seconds", ["soon", -1, [], "NaN", 1e400])
def test_a_life_that_is_no_number_is_rubbish(client: Client, hostile: HostileProvider, seconds: Any) -> None:
    hostile.token = {"expires_in": seconds}
    assert log_in(client, hostile).status_code == 503
