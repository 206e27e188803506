"""Who waits for another's renewal that never ends: a worker was killed in the middle of it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from portal.identity import vault
from portal.identity.errors import ProviderUnreachable
from portal.identity.models import Grant
from projects.operations import turn
from tests.providers.hostile import HostileProvider
from tests.providers.login import log_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vault, "WAIT_FOR_OTHERS", 0.3)


def left_by_a_dead_worker(client: Client, hostile: HostileProvider, left: timedelta) -> Grant:
    """Return a login whose token has so much time left, claimed for a renewal just now."""
    log_in(client, hostile)
    now = datetime.now(UTC)
    Grant.objects.update(expires_at=now + left, renewed_at=now - timedelta(minutes=10), renewing_since=now)
    return Grant.objects.get()


def test_a_token_that_still_lives_is_given(client: Client, hostile: HostileProvider) -> None:
    grant = left_by_a_dead_worker(client, hostile, timedelta(seconds=30))
    assert vault.access_token(grant.pk).expires_at == grant.expires_at
    assert vault.fresh_token(grant.pk).expires_at == grant.expires_at
    assert hostile.asked("/token") == 1  # the login's: the claim of the dead one still stands


def test_without_one_it_is_said_that_it_may_work_later(client: Client, hostile: HostileProvider) -> None:
    grant = left_by_a_dead_worker(client, hostile, timedelta(seconds=-1))
    with pytest.raises(ProviderUnreachable):
        vault.access_token(grant.pk)
    assert vault.is_live(grant.pk)


def test_an_operation_has_time_left_after_the_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    assert vault.WAIT_FOR_OTHERS < turn.TURN
