"""The whole way against real providers: the built-in one and one that no one here wrote, as processes of their own."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from portal.identity import crypto, sessions, vault
from portal.identity.errors import SessionEnded
from portal.identity.models import Grant, User
from tests.providers.builtin import IdentityProvider
from tests.providers.client import TIMEOUT, Attempt, follow, form_with, forms, location, submit
from tests.providers.foreign import ForeignProvider

pytestmark = pytest.mark.django_db

PORTAL = "http://127.0.0.1:28000"
Provider = IdentityProvider | ForeignProvider


@pytest.fixture(params=["identity_provider", pytest.param("foreign_provider", marks=pytest.mark.requires("node"))])
def provider(request: pytest.FixtureRequest, settings: Settings, patient_portal: None) -> Provider:
    """Each of them, with the portal pointed at it by its one URL."""
    running: Provider = request.getfixturevalue(request.param)
    settings.OIDC_ISSUER = running.issuer
    settings.OIDC_RP_CLIENT_ID = running.client_id
    settings.OIDC_RP_CLIENT_SECRET = running.client_secret
    settings.BASE_URL = PORTAL
    return running


@pytest.fixture
def client() -> Client:
    return portal_browser()


def portal_browser() -> Client:
    return Client(headers={"host": urlsplit(PORTAL).netloc})


def log_in(
    client: Client, provider: Provider, username: str, target: str = "/", browser: requests.Session | None = None
) -> Any:
    """Log in; `browser` is the same browser as the provider sees it. The answer to the callback."""
    begun = client.get(reverse("login"), {"next": target})
    attempt = Attempt(begun["Location"], "", "", "", "")
    url, query = location(provider.log_in(browser or requests.Session(), attempt, username))
    assert url == f"{PORTAL}/oidc/callback/"
    return client.get("/oidc/callback/", query)


def test_an_operator_logs_in_and_lands_where_they_wanted(client: Client, provider: Provider) -> None:
    assert log_in(client, provider, "admin", "/operator/?q=1")["Location"] == "/operator/?q=1"
    user = User.objects.get()
    assert (user.issuer, user.username, user.email) == (provider.issuer, "admin", "admin@example.org")
    assert user.is_staff
    assert client.get("/operator/").status_code == 200


def test_a_person_without_groups_logs_in_and_operates_nothing(client: Client, provider: Provider) -> None:
    assert log_in(client, provider, "stranger")["Location"] == "/"
    assert not User.objects.get().is_staff
    assert client.get("/operator/").status_code == 404


def test_the_login_is_renewed_on_the_server_and_rotates(client: Client, provider: Provider) -> None:
    log_in(client, provider, "member")
    grant = Grant.objects.get()
    first = vault.access_token(grant.pk).value
    for _ in range(2):  # twice: the second uses what the first rotated in
        Grant.objects.update(expires_at=datetime.now(UTC))
        vault.access_token(grant.pk)
    grant.refresh_from_db()
    assert vault.access_token(grant.pk).value != first
    claims = provider.client().claims(vault.access_token(grant.pk).value, "openstack")
    assert claims["groups"] == ["atlas-member", "borealis-member"]
    assert grant.expires_at > datetime.now(UTC)


def test_logging_out_here_logs_out_there(client: Client, provider: Provider) -> None:
    browser = requests.Session()
    log_in(client, provider, "member", browser=browser)
    grant = Grant.objects.get()
    refresh = crypto.decrypt(grant.refresh_token.encode()).decode()
    page = client.post(reverse("logout")).content.decode()
    way = page.split('content="0;url=')[1].split('"')[0].replace("&amp;", "&")
    answer = follow(browser, browser.get(way, allow_redirects=False, timeout=TIMEOUT))
    if not answer.is_redirect:  # some ask once more
        answer = submit(browser, next(form for form in forms(answer) if "xsrf" in form.fields), logout="yes")
    url, query = location(answer)
    assert url == f"{PORTAL}/logged-out/"
    assert "logged out here and at" in client.get("/logged-out/", query).content.decode()

    with pytest.raises(SessionEnded):
        vault.access_token(grant.pk)
    assert provider.client().refresh(refresh).status_code == 400  # revoked
    begun = client.get(reverse("login"))
    form_with(follow(browser, browser.get(begun["Location"], allow_redirects=False, timeout=TIMEOUT)), "password")


def test_the_code_works_once_and_only_with_its_login(client: Client, provider: Provider) -> None:
    """An answer that was caught on its way is no good in another browser, nor again in the same."""
    begun = client.get(reverse("login"))
    _, query = location(provider.log_in(requests.Session(), Attempt(begun["Location"], "", "", "", ""), "member"))
    thief = portal_browser()
    thiefs = thief.get(reverse("login"))
    thiefs_state = parse_qs(urlsplit(thiefs["Location"]).query)["state"][0]
    assert thief.get("/oidc/callback/", query).status_code == 400
    assert thief.get("/oidc/callback/", {**query, "state": thiefs_state}).status_code == 400
    assert sessions.GRANT not in thief.session
    assert not Grant.objects.exists()


def test_a_provider_that_does_not_know_the_portals_secret_is_named(
    client: Client, provider: Provider, settings: Settings
) -> None:
    settings.OIDC_RP_CLIENT_SECRET = "not the right one"
    answer = log_in(client, provider, "member")
    assert answer.status_code == 503
    assert "MESHDECK_OIDC_CLIENT_SECRET" in answer.content.decode()
    assert not Grant.objects.exists()
