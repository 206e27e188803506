"""Deep links, renewal on the server, the end of a session, logout."""

import threading
from datetime import UTC, datetime, timedelta
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import jwt
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django.fixtures import Settings

from portal.identity import pending, sessions, vault
from portal.identity.errors import ProviderUnreachable, SessionEnded
from portal.identity.models import Grant, User
from portal.identity.tasks import clear_up
from tests.providers.hostile import Broken, HostileProvider, key
from tests.providers.login import begin, come_back, log_in

pytestmark = pytest.mark.django_db

PRIVATE = "/operator/"


def near_its_end(client: Client, left: timedelta = timedelta(seconds=30)) -> Grant:
    """Let the access token of this browser's login have so much time left."""
    grant = Grant.objects.get(pk=client.session[sessions.GRANT])
    grant.expires_at = datetime.now(UTC) + left
    grant.renewed_at = grant.expires_at - timedelta(seconds=300)
    grant.save()
    session = client.session
    session[sessions.RENEW_AT] = grant.renew_at.timestamp()
    session.save()
    return grant


def operator(hostile: HostileProvider) -> None:
    hostile.claims = {"groups": ["meshdeck-operators"]}


def is_logged_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


# Deep links ---------------------------------------------------------------------------------------------------------


def test_a_page_leads_to_the_login_and_back(client: Client, hostile: HostileProvider) -> None:
    operator(hostile)
    answer = client.get(f"{PRIVATE}?q=a&sort=name", follow=False)
    while answer["Location"].startswith("/"):
        if answer["Location"].startswith(reverse("login")):
            break
        answer = client.get(answer["Location"])
    target = parse_qs(urlsplit(answer["Location"]).query)["next"][0]
    assert log_in(client, hostile, target)["Location"] == f"{PRIVATE}?q=a&sort=name"


def test_two_tabs_keep_their_own_way(client: Client, hostile: HostileProvider) -> None:
    first, second = begin(client, "/one/"), begin(client, "/two/")
    assert come_back(client, hostile, first)["Location"] == "/one/"
    assert come_back(client, hostile, second)["Location"] == "/two/"


def test_tabs_that_open_at_once_in_a_fresh_browser_all_come_through(hostile: HostileProvider) -> None:
    """A restored browser asks for all its tabs before it has any cookie; each answer adds its own."""
    tabs, jar, begun = [Client() for _ in range(4)], SimpleCookie(), []
    for number, tab in enumerate(tabs):
        begun.append(begin(tab, f"/{number}/"))
        jar.update(tab.cookies)
    browser = Client()
    browser.cookies = jar
    assert [come_back(browser, hostile, one)["Location"] for one in begun] == ["/0/", "/1/", "/2/", "/3/"]


def test_logins_under_way_do_not_pile_up(client: Client, hostile: HostileProvider) -> None:
    begun = [begin(client, f"/{number}/?{'x' * 300}") for number in range(30)]
    held = {name: cookie for name, cookie in client.cookies.items() if name.startswith(pending.PREFIX) and cookie.value}
    assert sum(len(cookie.value) for cookie in held.values()) <= pending.MOST_BYTES
    assert come_back(client, hostile, begun[-1]).status_code == 302
    assert come_back(client, hostile, begun[0]).status_code == 400


def test_visitors_leave_no_session_behind(client: Client, hostile: HostileProvider) -> None:
    with CaptureQueriesContext(connection) as queries:
        begin(client)
    assert queries.captured_queries == []
    assert "meshdeck" not in client.cookies


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example.org/",
        "//evil.example.org/",
        "/\\evil.example.org",
        "\\\\evil.example.org",
        "javascript:alert(1)",
        "/%0d%0aSet-Cookie:x=1\r\n",
        "///evil.example.org",
        "evil",
        "",
        "/oidc/login/?next=/oidc/login/",
        "/logged-out/",
        "/" + "x" * 3000,
    ],
)
def test_a_login_never_leads_to_another_site(client: Client, hostile: HostileProvider, target: str) -> None:
    landed = log_in(client, hostile, target)["Location"]
    assert landed == "/" or (landed.startswith("/%0d") and "\r" not in landed)
    assert client.get(reverse("login"), {"next": target})["Location"] == landed  # logged in already


def test_another_name_of_the_portal_leads_to_its_own(client: Client, hostile: HostileProvider) -> None:
    answer = client.get(reverse("login"), {"next": "/a/"}, headers={"host": "localhost"})
    assert answer["Location"] == "http://testserver/oidc/login/?next=%2Fa%2F&here=1"
    hidden_by_a_proxy = client.get(answer["Location"], headers={"host": "localhost"})
    assert hidden_by_a_proxy["Location"].startswith(hostile.issuer)


# Strangers ----------------------------------------------------------------------------------------------------------


def test_a_part_of_a_page_sends_the_whole_page_to_the_login(client: Client) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/atlas@north/servers/?sort=name#x"}
    answer = client.get(PRIVATE, headers=headers)
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer["HX-Redirect"] == "/oidc/login/?next=%2Fatlas%40north%2Fservers%2F%3Fsort%3Dname"


def test_a_form_without_a_login_says_that_it_was_not_carried_out(client: Client) -> None:
    answer = client.post(PRIVATE, headers={"referer": "http://testserver/atlas@north/"})
    assert answer.status_code == 401
    assert "was not carried out" in answer.content.decode()
    assert "/oidc/login/?next=%2Fatlas%40north%2F" in answer.content.decode()


def test_people_who_are_no_operators_see_no_admin(client: Client, hostile: HostileProvider) -> None:
    log_in(client, hostile)
    for path in (PRIVATE, "/operator/login/", "/operator/identity/", "/operator/password_change/"):
        assert client.get(path).status_code == 404, path


def test_an_operator_sees_the_admin_without_a_password(client: Client, hostile: HostileProvider) -> None:
    operator(hostile)
    log_in(client, hostile)
    page = client.get(PRIVATE)
    assert page.status_code == 200
    assert "password_change" not in page.content.decode()
    assert client.get("/operator/login/")["Location"] == PRIVATE
    assert client.get("/operator/password_change/").status_code == 404


# Renewal ------------------------------------------------------------------------------------------------------------


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


def test_a_silent_provider_gives_five_minutes(client: Client, hostile: HostileProvider) -> None:
    hostile.token = {"expires_in": None}
    log_in(client, hostile)
    grant = Grant.objects.get()
    assert grant.expires_at - grant.renewed_at == timedelta(minutes=5)


@pytest.mark.parametrize("seconds", ["soon", -1, [], "NaN", 1e400])
def test_a_life_that_is_no_number_is_rubbish(client: Client, hostile: HostileProvider, seconds: Any) -> None:
    hostile.token = {"expires_in": seconds}
    assert log_in(client, hostile).status_code == 503


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


# Logout -------------------------------------------------------------------------------------------------------------


def test_logging_out_ends_it_here_and_at_the_provider(client: Client, hostile: HostileProvider) -> None:
    log_in(client, hostile)
    grant = Grant.objects.get()
    id_token = hostile.issued[-1]
    vault.remember("a secret", b"x", datetime.now(UTC) + timedelta(hours=1), owner=grant.pk)
    page = client.post(reverse("logout")).content.decode()
    assert not is_logged_in(client)
    assert hostile.asked("/revoke") == 1
    assert hostile.refresh_tokens == set()
    grant.refresh_from_db()
    assert (grant.access_token, grant.refresh_token, grant.id_token, grant.end_reason) == ("", "", "", "logout")
    assert vault.recall("a secret") is None

    way = page.split('content="0;url=')[1].split('"')[0].replace("&amp;", "&")
    assert way.startswith(f"{hostile.issuer}/end?")
    query = {name: values[0] for name, values in parse_qs(urlsplit(way).query).items()}
    assert query["id_token_hint"] == id_token
    assert query["client_id"] == "portal"
    assert query["post_logout_redirect_uri"] == "http://testserver/logged-out/"
    there = client.get("/logged-out/", {"state": query["state"]}).content.decode()
    assert "logged out here and at 127.0.0.1" in there
    again = client.get("/logged-out/", {"state": query["state"]}).content.decode()
    assert "logged out here and at" not in again


def test_logging_out_needs_a_form_of_ours(hostile: HostileProvider) -> None:
    browser = Client(enforce_csrf_checks=True)
    log_in(browser, hostile)
    assert browser.post(reverse("logout")).status_code == 403
    assert browser.get(reverse("logout")).status_code == 405
    assert is_logged_in(browser)


@pytest.mark.parametrize("path", ["/revoke", "/.well-known/openid-configuration"])
def test_logging_out_works_while_the_provider_is_away(client: Client, hostile: HostileProvider, path: str) -> None:
    log_in(client, hostile)
    hostile.broken[path] = Broken(500)
    assert client.post(reverse("logout")).status_code == 200
    assert not is_logged_in(client)
    assert Grant.objects.get().refresh_token == ""


def test_a_provider_without_a_logout_is_named(client: Client, hostile: HostileProvider) -> None:
    hostile.metadata = {"end_session_endpoint": None, "revocation_endpoint": None}
    log_in(client, hostile)
    page = client.post(reverse("logout"), follow=True).content.decode()
    assert "offers no way to log out" in page


def test_logging_out_twice_is_fine(client: Client, hostile: HostileProvider) -> None:
    log_in(client, hostile)
    client.post(reverse("logout"))
    page = client.post(reverse("logout"), follow=True)
    assert "You are logged out here" in page.content.decode()


@pytest.mark.django_db(transaction=True)
def test_a_logout_during_a_renewal_wins(client: Client, hostile: HostileProvider) -> None:
    log_in(client, hostile)
    grant = near_its_end(client)
    outcome: list[Exception] = []

    def renew() -> None:
        try:
            vault.renew(grant.pk)
        except SessionEnded as error:
            outcome.append(error)
        finally:
            connection.close()

    hostile.slow["/token"] = 0.6
    worker = threading.Thread(target=renew)
    worker.start()
    while hostile.asked("/token") < 2:
        threading.Event().wait(0.02)
    client.post(reverse("logout"))
    worker.join()
    assert len(outcome) == 1
    assert hostile.refresh_tokens == set()  # what the renewal brought was revoked
    assert Grant.objects.get().refresh_token == ""
