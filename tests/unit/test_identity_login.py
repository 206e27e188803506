"""The whole way against real providers: the built-in one and one that no one here wrote, as processes of their own."""

from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from portal.identity import sessions, vault
from portal.identity.errors import SessionEnded
from portal.identity.models import Grant, User
from tests.providers.builtin import IdentityProvider
from tests.providers.client import TIMEOUT, Browser, follow, form_with
from tests.providers.whole_login import (
    PORTAL,
    Provider,
    come_back,
    log_in,
    log_out,
    point,
    portal_browser,
    refresh_token,
)


@pytest.fixture(params=["identity_provider", pytest.param("foreign_provider", marks=pytest.mark.requires("node"))])
def provider(request: pytest.FixtureRequest) -> Provider:
    """Each of them."""
    running: Provider = request.getfixturevalue(request.param)
    return running


@pytest.mark.django_db
class TestLogin:
    """Login, what is known of the person, renewal, log out. tests/keycloak takes the class over."""

    @pytest.fixture
    def client(self) -> Client:
        return portal_browser()

    @pytest.fixture(autouse=True)
    def _portal_of_the_provider(self, provider: Provider, settings: Settings, patient_portal: None) -> None:
        point(settings, provider)

    def test_an_operator_logs_in_and_lands_where_they_wanted(self, client: Client, provider: Provider) -> None:
        assert log_in(client, provider, "admin", "/operator/?q=1")["Location"] == "/operator/?q=1"
        user = User.objects.get()
        assert (user.issuer, user.username, user.email) == (provider.issuer, "admin", "admin@example.org")
        assert user.is_staff
        assert client.get("/operator/").status_code == 200

    def test_a_person_is_known_by_issuer_and_subject_alone(self, client: Client, provider: Provider) -> None:
        log_in(client, provider, "member")
        token = vault.access_token(Grant.objects.get().pk).value
        claims = provider.client().claims(token, "openstack")
        assert User.objects.values_list("issuer", "subject").get() == (claims["iss"], claims["sub"])

        User.objects.update(username="renamed", email="moved@example.org")
        log_in(portal_browser(), provider, "member")
        assert User.objects.get().username == "member"  # the same one, told anew who it is
        User.objects.update(subject="someone else's")
        log_in(portal_browser(), provider, "member")
        assert User.objects.filter(username="member", email="member@example.org").count() == 2

    def test_a_person_without_groups_logs_in_and_operates_nothing(self, client: Client, provider: Provider) -> None:
        assert log_in(client, provider, "stranger")["Location"] == "/"
        assert not User.objects.get().is_staff
        assert client.get("/operator/").status_code == 404

    def test_the_login_is_renewed_on_the_server(self, client: Client, provider: Provider) -> None:
        log_in(client, provider, "member")
        grant = Grant.objects.get()
        first = vault.access_token(grant.pk).value
        for _ in range(2):  # twice: the second uses what the first brought
            grant.refresh_from_db()
            spent = refresh_token(grant)
            Grant.objects.update(expires_at=datetime.now(UTC))
            vault.access_token(grant.pk)
        grant.refresh_from_db()
        assert vault.access_token(grant.pk).value != first
        claims = provider.client().claims(vault.access_token(grant.pk).value, "openstack")
        assert sorted(claims["groups"]) == ["atlas-member", "borealis-member"]
        assert grant.expires_at > datetime.now(UTC)
        # Where each works once it is spent; the built-in one leaves the portal, which has a secret, the one it has.
        stays = isinstance(provider, IdentityProvider)
        assert provider.client().refresh(spent).status_code == (200 if stays else 400)

    def test_logging_out_here_logs_out_there(self, client: Client, provider: Provider) -> None:
        browser = Browser()
        log_in(client, provider, "member", browser=browser)
        grant = Grant.objects.get()
        refresh = refresh_token(grant)
        url, query = log_out(client, browser)
        assert url == f"{PORTAL}/logged-out/"
        assert "logged out here and at" in client.get("/logged-out/", query).content.decode()

        with pytest.raises(SessionEnded):
            vault.access_token(grant.pk)
        assert provider.client().refresh(refresh).status_code == 400  # revoked
        begun = client.get(reverse("login"))
        asked = follow(browser, browser.get(begun["Location"], allow_redirects=False, timeout=TIMEOUT))
        assert "password" in form_with(asked, "password").fields  # anew

    def test_the_code_works_once_and_only_with_its_login(self, client: Client, provider: Provider) -> None:
        """An answer that was caught on its way is no good in another browser, nor again in the same."""
        begun = client.get(reverse("login"))
        query = come_back(provider, begun["Location"], "member")
        thief = portal_browser()
        thiefs = thief.get(reverse("login"))
        thiefs_state = parse_qs(urlsplit(thiefs["Location"]).query)["state"][0]
        assert thief.get("/oidc/callback/", query).status_code == 400
        assert thief.get("/oidc/callback/", {**query, "state": thiefs_state}).status_code == 400
        assert sessions.GRANT not in thief.session
        assert not Grant.objects.exists()

    def test_a_provider_that_does_not_know_the_portals_secret_is_named(
        self, client: Client, provider: Provider, settings: Settings
    ) -> None:
        settings.OIDC_RP_CLIENT_SECRET = "not the right one"
        answer = log_in(client, provider, "member")
        assert answer.status_code == 503
        assert "MESHDECK_OIDC_CLIENT_SECRET" in answer.content.decode()
        assert not Grant.objects.exists()
