"""A browser's session and the grant behind it."""

import ipaddress
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.contrib import auth
from django.http import HttpRequest

from portal.client_address import client_address
from portal.identity import vault
from portal.identity.browser import browser
from portal.identity.models import EndReason, Grant, User
from portal.identity.tokens import TokenAnswer

GRANT = "identity.grant"
RENEW_AT = "identity.renew_at"  # POSIX time, so that a page need not read the grant until then


def grant_of(request: HttpRequest) -> UUID:
    """Return the handle of the request's login. The person has to be logged in."""
    return UUID(request.session[GRANT])


def begin(request: HttpRequest, user: User, answer: TokenAnswer) -> Grant:
    """Log the person in: a session with a new key and nothing from before, its tokens in the vault.

    The session ends after SESSION_COOKIE_AGE, however active; the provider's session then decides whether to ask for
    credentials.
    """
    forget(request, EndReason.REPLACED)
    request.session.flush()
    auth.login(request, user, backend="portal.identity.backend.OpenIDBackend")
    request.session.set_expiry(answer.received_at + timedelta(seconds=settings.SESSION_COOKIE_AGE))
    if not request.session.session_key:
        request.session.create()
    origin = {"browser": browser(request.headers.get("User-Agent", "")), "address": _address(request)}
    grant = vault.keep(user, request.session.session_key or "", answer, **origin)
    request.session[GRANT] = str(grant.pk)
    request.session[RENEW_AT] = grant.renew_at.timestamp()
    return grant


def forget(request: HttpRequest, reason: EndReason) -> Grant | None:
    """End the grant behind this session, if any, and return it as it was, tokens included."""
    handle = request.session.get(GRANT)
    grant = Grant.objects.filter(pk=UUID(handle), ended_at=None).first() if handle else None
    if grant is not None:
        vault.end(grant.pk, reason)
    return grant


def due(request: HttpRequest) -> bool:
    """Return whether it is time to look at the grant. Reads only the session."""
    at: float | None = request.session.get(RENEW_AT)
    return at is not None and datetime.now(UTC).timestamp() >= at


def look_again(request: HttpRequest, at: datetime) -> None:
    """Record when to look at the grant next."""
    request.session[RENEW_AT] = at.timestamp()


def _address(request: HttpRequest) -> str | None:
    """Return the client's address, if it is one: the other end of a Unix socket has none, or a name."""
    try:
        return str(ipaddress.ip_address(client_address(request) or ""))
    except ValueError:
        return None
