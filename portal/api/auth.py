"""Authenticate API callers by access token or by browser session. The result is a Caller."""

import logging
from typing import ClassVar

from django.conf import settings
from django.http import HttpRequest
from ninja.security.base import AuthBase
from ninja.utils import check_csrf

from portal import rates, refusing
from portal.identity import bearer, sessions
from portal.identity.bearer import Caller
from portal.identity.errors import LoginRefused
from portal.identity.middleware import keep_up
from portal.identity.models import User
from projects import freshness

logger = logging.getLogger(__name__)


class BadTokenError(Exception):
    """A bearer token was sent, but it is not one of ours or no longer valid."""


class CsrfError(Exception):
    """A session was sent without the CSRF token that only our own pages have."""


class RateError(Exception):
    """There were more requests than settings.RATES[rate] allows; `wait` is in seconds."""

    def __init__(self, rate: str, wait: int) -> None:
        super().__init__(rate)
        self.rate = rate
        self.wait = wait


class BearerToken(AuthBase):
    """An access token of the identity provider. If one is sent, a cookie beside it is ignored."""

    openapi_type: ClassVar[str] = "http"
    openapi_scheme: ClassVar[str] = "bearer"
    openapi_bearerFormat: ClassVar[str] = "JWT"  # noqa: N815 - as OpenAPI writes it
    openapi_description: ClassVar[str] = (
        "An access token of the identity provider, issued for the clouds (docs/api.md)."
    )

    def __call__(self, request: HttpRequest) -> Caller | None:
        """Return the token's Caller. Raises BadTokenError, RateError or ProviderUnreachable."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if not scheme:
            return None
        if scheme.lower() != "bearer" or not token.strip():
            raise BadTokenError
        address = refusing.address_of(request)
        if wait := rates.spent("bearers", address):
            raise RateError("bearers", wait)
        try:
            caller = bearer.let_in(token.strip())
        except LoginRefused as error:
            logger.warning("bearer_refused: %s", error)
            rates.exceeded("bearers", address)
            raise BadTokenError from error
        request.user = caller.user
        _limit(request, caller.user)
        if caller.first:
            freshness.discover_soon(caller.grant)
        return caller


class BrowserSession(AuthBase):
    """The session of a browser. A change also needs the CSRF token, in X-CSRFToken."""

    openapi_type: ClassVar[str] = "apiKey"
    openapi_in: ClassVar[str] = "cookie"
    openapi_name: ClassVar[str] = settings.SESSION_COOKIE_NAME
    openapi_description: ClassVar[str] = "The portal's session. Changes also require its CSRF token in X-CSRFToken."

    def __call__(self, request: HttpRequest) -> Caller | None:
        """Return the session's Caller. Raises CsrfError or VaultKeyError."""
        if request.user.is_authenticated:
            keep_up(request)
        user = request.user
        if not isinstance(user, User):
            return None
        if check_csrf(request):
            raise CsrfError
        return Caller(user, sessions.grant_of(request))


def _limit(request: HttpRequest, user: User) -> None:
    """Count the request of a token's person: one person has one limit, however many tokens. Raises RateError."""
    for rate in ("api", "changes") if refusing.is_change(request) else ("api",):
        if wait := rates.exceeded(rate, str(user.pk)):
            raise RateError(rate, wait)
