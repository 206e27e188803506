"""A person's own logins on the account page: listed, ended one by one, and all but this one."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from portal.identity import crypto, sessions, vault
from portal.identity.models import EndReason, Grant, OfflineToken
from tests import factories
from tests.providers.hostile import Broken, HostileProvider
from tests.providers.login import log_in
from tests.unit.identity_cast import is_logged_in

pytestmark = pytest.mark.django_db

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
ACCOUNT = "/account/"


def browser_of(hostile: HostileProvider, address: str = "192.0.2.7") -> Client:
    """Return a browser that logged in from this address."""
    client = Client(headers={"User-Agent": FIREFOX}, REMOTE_ADDR=address)
    log_in(client, hostile)
    return client


def grant_of(client: Client) -> Grant:
    return Grant.objects.get(pk=client.session[sessions.GRANT])


def offline_token(user: Any, **more: Any) -> OfflineToken:
    values = {"about": "atlas@north", "client_id": "meshdeck-cli", "made_from": "Firefox, Linux"}
    sealed = crypto.encrypt(b"spent").decode()
    now = timezone.now()
    return OfflineToken.objects.create(user=user, made_at=now, taken_at=now, revoker=sealed, **values | more)


def end(client: Client, what: Any) -> Any:
    return client.post(f"{ACCOUNT}logins/{getattr(what, 'pk', what)}/end/")


def test_logins_are_listed_with_browser_address_and_times(hostile: HostileProvider) -> None:
    here, other = browser_of(hostile), browser_of(hostile, "2001:db8::7")
    Grant.objects.filter(pk=grant_of(other).pk).update(last_used_at=timezone.now() - timedelta(hours=3))
    offline_token(grant_of(here).user)
    text = here.get(ACCOUNT).content.decode()
    assert text.count("Firefox, Linux") >= 2
    assert "192.0.2.7" in text
    assert "2001:db8::7" in text
    assert text.count("This browser") == 1
    assert "atlas@north" in text
    assert f"/account/logins/{grant_of(other).pk}/end/" in text
    assert f"/account/logins/{grant_of(here).pk}/end/" not in text


def test_address_is_the_trusted_one(hostile: HostileProvider) -> None:
    client = Client(headers={"X-Forwarded-For": "8.8.4.4"}, REMOTE_ADDR="192.0.2.7")
    log_in(client, hostile)
    assert grant_of(client).address == "192.0.2.7"


def test_ended_and_other_peoples_logins_are_not_listed(hostile: HostileProvider) -> None:
    here, ended = browser_of(hostile), browser_of(hostile, "192.0.2.8")
    vault.end(grant_of(ended).pk if is_logged_in(ended) else uuid4(), EndReason.LOGOUT)
    hostile.claims = {"sub": "person-2", "preferred_username": "reader"}
    browser_of(hostile, "192.0.2.9")
    text = here.get(ACCOUNT).content.decode()
    assert "192.0.2.8" not in text
    assert "192.0.2.9" not in text


def test_another_login_is_ended_here_and_at_the_provider(hostile: HostileProvider) -> None:
    here, other = browser_of(hostile), browser_of(hostile, "192.0.2.8")
    grant = grant_of(other)
    token = crypto.decrypt(grant.refresh_token.encode()).decode()
    answer = end(here, grant)
    assert (answer.status_code, answer["Location"]) == (302, ACCOUNT)
    grant.refresh_from_db()
    assert (grant.end_reason, grant.access_token, grant.refresh_token) == ("ended", "", "")
    assert other.get("/").status_code == 302
    assert here.get("/").status_code == 200
    assert [seen.form["token"] for seen in hostile.seen if seen.path == "/revoke"] == [token]


def test_own_login_and_those_of_others_can_not_be_ended(hostile: HostileProvider) -> None:
    here = browser_of(hostile)
    hostile.claims = {"sub": "person-2", "preferred_username": "reader"}
    other = browser_of(hostile)
    token = offline_token(grant_of(other).user)
    for what in (grant_of(here), grant_of(other), uuid4()):
        assert end(here, what).status_code == 404
    assert here.post(f"{ACCOUNT}command-lines/{token.pk}/end/").status_code == 404
    assert Grant.objects.filter(ended_at=None).count() == 2
    assert here.get(f"{ACCOUNT}logins/{grant_of(other).pk}/end/").status_code == 405


def test_command_line_is_ended(hostile: HostileProvider) -> None:
    here = browser_of(hostile)
    token = offline_token(grant_of(here).user)
    assert here.post(f"{ACCOUNT}command-lines/{token.pk}/end/").status_code == 302
    token.refresh_from_db()
    assert token.end_reason == "revoked"
    assert hostile.asked("/revoke") == 1


def test_all_others_are_ended_command_lines_too(hostile: HostileProvider, settings: Settings) -> None:
    here = browser_of(hostile)
    others = [browser_of(hostile, f"192.0.2.{n}") for n in (8, 9)]
    user = grant_of(here).user
    bearer = Grant.objects.create(
        pk=uuid4(), user=user, session_key="", access_token=crypto.encrypt(b"x").decode(),
        expires_at=timezone.now() + timedelta(hours=1), created_at=timezone.now(), renewed_at=timezone.now(),
    )  # fmt: skip
    token = offline_token(user)
    hostile.claims = {"sub": "person-2", "preferred_username": "reader"}
    somebody = browser_of(hostile)
    answer = here.post(f"{ACCOUNT}logins/end-others/")
    assert (answer.status_code, answer["Location"]) == (302, ACCOUNT)
    assert [one.get("/").status_code for one in (here, somebody, *others)] == [200, 200, 302, 302]
    bearer.refresh_from_db()
    token.refresh_from_db()
    assert (bearer.end_reason, token.end_reason) == ("ended", "revoked")
    text = here.get(ACCOUNT).content.decode()
    assert "end-others" not in text


def test_provider_that_is_away_keeps_a_command_line_and_says_so(hostile: HostileProvider) -> None:

    here, other = browser_of(hostile), browser_of(hostile, "192.0.2.8")
    token = offline_token(grant_of(here).user)
    hostile.broken["/revoke"] = Broken(status=503)
    answer = here.post(f"{ACCOUNT}logins/end-others/")
    assert answer.status_code == 503
    assert "still works" in answer.content.decode()
    token.refresh_from_db()
    assert token.ended_at is None
    assert other.get("/").status_code == 302  # what could be ended is


def test_account_page_needs_a_login_and_is_in_the_menu(client: Client, cast: factories.Cast) -> None:
    assert client.get(ACCOUNT).status_code == 302
    factories.log_in(client, cast.member)
    assert f'href="{ACCOUNT}"' in client.get("/").content.decode()
    answer = client.get(ACCOUNT)
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    assert "member@example.org" in answer.content.decode()


def test_long_browser_name_is_no_fault(hostile: HostileProvider) -> None:
    client = Client(headers={"User-Agent": "x" * 5000})
    log_in(client, hostile)
    assert grant_of(client).browser == ""
