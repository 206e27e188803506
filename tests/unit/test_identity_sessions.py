"""The end of a session: refused by the provider, too old, switched off, cleared up."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from portal.identity import sessions, vault
from portal.identity.errors import SessionEnded
from portal.identity.models import Grant, User
from portal.identity.tasks import clear_up
from tests.providers.hostile import HostileProvider
from tests.providers.login import log_in
from tests.unit.identity_cast import PRIVATE, is_logged_in, near_its_end, operator

pytestmark = pytest.mark.django_db


def test_a_refused_renewal_ends_the_session(client: Client, hostile: HostileProvider) -> None:
    operator(hostile)
    log_in(client, hostile)
    grant = near_its_end(client)
    vault.remember("a secret", b"x", datetime.now(UTC) + timedelta(hours=1), owner=grant.pk)
    hostile.refresh_tokens.clear()
    answer = client.get(f"{PRIVATE}?q=1")
    assert answer.status_code == 302
    assert not is_logged_in(client)
    grant.refresh_from_db()
    assert (grant.access_token, grant.refresh_token, grant.id_token, grant.end_reason) == ("", "", "", "refused")
    assert vault.recall("a secret") is None
    assert vault.live_grant(grant.user) is None


def test_a_part_of_a_page_of_an_ended_session_sends_the_whole_page(client: Client, hostile: HostileProvider) -> None:
    log_in(client, hostile)
    near_its_end(client)
    hostile.refresh_tokens.clear()
    answer = client.get(PRIVATE, headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/a/"})
    assert (answer.status_code, answer["HX-Redirect"]) == (204, "/oidc/login/?next=%2Fa%2F")


def test_a_session_ends_at_once_where_a_worker_was_refused(client: Client, hostile: HostileProvider) -> None:
    operator(hostile)
    log_in(client, hostile)
    grant = near_its_end(client)
    session = client.session
    session[sessions.RENEW_AT] = datetime.now(UTC).timestamp() + 1000
    session.save()
    hostile.refresh_tokens.clear()
    with pytest.raises(SessionEnded):
        vault.access_token(grant.pk)
    assert client.get(PRIVATE).status_code == 302


def test_a_renewal_about_somebody_else_ends_the_session(client: Client, hostile: HostileProvider) -> None:
    log_in(client, hostile)
    grant = near_its_end(client)
    hostile.claims = {"sub": "person-2"}
    with pytest.raises(SessionEnded):
        vault.access_token(grant.pk)


def test_without_a_refresh_token_the_session_lasts_as_long_as_the_access_token(
    client: Client, hostile: HostileProvider
) -> None:
    operator(hostile)
    hostile.token = {"refresh_token": None}
    log_in(client, hostile)
    grant = near_its_end(client)
    assert vault.access_token(grant.pk).value
    assert client.get(PRIVATE).status_code == 200
    near_its_end(client, timedelta(seconds=-1))
    assert client.get(PRIVATE).status_code == 302
    assert Grant.objects.get().end_reason == "no_renewal"


def test_a_person_who_is_switched_off_is_out_at_once(client: Client, hostile: HostileProvider) -> None:
    operator(hostile)
    log_in(client, hostile)
    grant = Grant.objects.get()
    User.objects.update(is_active=False)
    assert client.get(PRIVATE).status_code == 302
    with pytest.raises(SessionEnded):
        vault.access_token(grant.pk)


def test_a_session_ends_after_its_greatest_age_however_busy(
    client: Client, hostile: HostileProvider, settings: Settings
) -> None:
    log_in(client, hostile)
    grant = near_its_end(client)
    client.get(PRIVATE)
    now = datetime.now(UTC)
    ends = client.session.get_expiry_date(modification=now + timedelta(hours=6))  # as when it is saved six hours on
    assert timedelta(hours=11, minutes=59) < ends - now <= timedelta(hours=12)
    Grant.objects.update(created_at=datetime.now(UTC) - timedelta(hours=12, seconds=1))
    with pytest.raises(SessionEnded):
        vault.access_token(grant.pk)
    assert vault.live_grant(grant.user) is None


def test_the_newest_usable_login_is_found(client: Client, hostile: HostileProvider) -> None:
    log_in(client, hostile)
    old = UUID(client.session[sessions.GRANT])
    user = User.objects.get()
    assert vault.live_grant(user) == old
    other = Client()
    log_in(other, hostile)
    new = UUID(other.session[sessions.GRANT])
    assert vault.live_grant(user) == new
    other.post(reverse("logout"))
    assert vault.live_grant(user) == old


def test_logins_that_nobody_ended_are_cleared_up(client: Client, hostile: HostileProvider) -> None:
    for browser in (client, Client(), Client()):
        log_in(browser, hostile)
    left, old, kept = Grant.objects.order_by("created_at")
    now = datetime.now(UTC)
    Grant.objects.filter(pk=left.pk).update(created_at=now - timedelta(hours=13))
    Grant.objects.filter(pk=old.pk).update(ended_at=now - timedelta(days=31))
    clear_up()
    left.refresh_from_db()
    assert (left.access_token, left.refresh_token, left.end_reason) == ("", "", "too_old")
    assert set(Grant.objects.filter(ended_at=None)) == {kept}
    assert Grant.objects.count() == 2
