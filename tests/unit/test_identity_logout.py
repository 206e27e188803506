"""Logging out: here and at the provider, whatever state either is in."""

import threading
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from portal.identity import vault
from portal.identity.errors import SessionEnded
from portal.identity.models import Grant
from tests.providers.hostile import Broken, HostileProvider
from tests.providers.login import log_in
from tests.unit.identity_cast import is_logged_in, near_its_end

pytestmark = pytest.mark.django_db


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
    assert "does not support logging out" in page


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
