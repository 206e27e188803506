"""Clean up after logins."""

import logging
from datetime import UTC, datetime, timedelta
from importlib import import_module

from celery import shared_task
from django.conf import settings

from portal.identity import offline, vault
from portal.identity.models import EndReason, Grant, OfflineToken

logger = logging.getLogger(__name__)

ENDED_LOGINS_STAY = timedelta(days=30)


@shared_task(name="identity.clear_up")
def clear_up() -> None:
    """Wipe the tokens of logins that nobody came back to end, and delete old rows and expired sessions."""
    now = datetime.now(UTC)
    oldest = now - timedelta(seconds=settings.SESSION_COOKIE_AGE)
    for handle in Grant.objects.filter(ended_at=None, created_at__lt=oldest).values_list("pk", flat=True):
        vault.end(handle, EndReason.TOO_OLD)
    # Grants without renewal end with their access token: those of API callers and of providers without refresh tokens.
    over = Grant.objects.filter(ended_at=None, refresh_token="", expires_at__lt=now)
    for handle in over.values_list("pk", flat=True):
        vault.end(handle, EndReason.NO_RENEWAL)
    dropped, _ = Grant.objects.filter(ended_at__lt=now - ENDED_LOGINS_STAY).delete()
    old, _ = OfflineToken.objects.filter(ended_at__lt=now - ENDED_LOGINS_STAY).delete()
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
    logger.info("cleared_up: grants=%s offline_tokens=%s", dropped, old)


@shared_task(name="identity.sweep_offline_tokens")
def sweep_offline_tokens() -> None:
    """Revoke offline tokens that nobody took in time."""
    offline.sweep()
