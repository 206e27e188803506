"""A whole login, against the built-in provider and against one that no one here wrote: real processes, plain HTTP."""

from collections.abc import Iterator

import pytest
import requests
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse

from portal.identity import vault
from portal.identity.models import Grant, User
from tests.providers.builtin import IdentityProvider
from tests.providers.client import TIMEOUT, Attempt, location
from tests.providers.foreign import ForeignProvider

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["builtin", pytest.param("foreign", marks=pytest.mark.requires("node"))])
def provider(request: pytest.FixtureRequest, settings: LazySettings) -> Iterator[IdentityProvider | ForeignProvider]:
    """Each of them, with the portal pointed at it."""
    names = {"builtin": "identity_provider", "foreign": "foreign_provider"}
    running = request.getfixturevalue(names[request.param])
    settings.OIDC_ISSUER = running.issuer
    settings.OIDC_RP_CLIENT_ID = running.client_id
    settings.OIDC_RP_CLIENT_SECRET = running.client_secret
    settings.BASE_URL = "http://127.0.0.1:28000"
    settings.ALLOWED_HOSTS = ["127.0.0.1"]
    return running


@pytest.fixture
def client() -> Client:
    return Client(headers={"host": "127.0.0.1:28000"})


def log_in(client: Client, provider, username: str, target: str = "/", browser=None) -> object:
    page = client.get(reverse("login"), {"next": target})
    assert page.status_code == 302, page.content.decode()
    begun = Attempt(page["Location"], "", "", "", "")
    answer = provider.log_in(browser or requests.Session(), begun, username)
    url, query = location(answer)
    assert url == "http://127.0.0.1:28000/oidc/callback/"
    return client.get(reverse("oidc_authentication_callback"), query)


def test_a_person_logs_in_and_lands_where_they_wanted(client: Client, provider) -> None:
    answer = log_in(client, provider, "admin", "/operator/?q=1")
    assert answer.status_code == 302, answer.content.decode()
    assert answer["Location"] == "/operator/?q=1"
    user = User.objects.get()
    assert (user.issuer, user.username, user.email, user.is_staff) == (
        provider.issuer,
        "admin",
        "admin@example.org",
        True,
    )
    grant = Grant.objects.get()
    assert vault.access_token(grant.pk).value.count(".") == 2
    assert vault.live_grant(user) == grant.pk
