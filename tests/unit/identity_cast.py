"""What the tests of logins and sessions share: how a browser stands, and what a refusal is."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.test import Client

from portal.identity import sessions
from portal.identity.models import Grant
from tests.providers.hostile import HostileProvider

PRIVATE = "/operator/"
CALLBACK = "/oidc/callback/"


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


def refused(client: Client, answer: Any, status: int, words: str) -> None:
    """Return the page says what is, shows the way on, and nobody is logged in."""
    text = answer.content.decode()
    assert answer.status_code == status, text
    assert words in text
    assert "<h1>" in text
    assert answer["Cache-Control"].count("no-store")
    assert not is_logged_in(client)
    assert Grant.objects.count() == 0
