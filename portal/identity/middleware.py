"""Between the session and the pages: renew the login on the server, and require one."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib import auth
from django.contrib.auth import middleware
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from portal.identity import pages, sessions, vault
from portal.identity.addresses import login_to
from portal.identity.errors import ProviderUnreachable, SessionEnded, VaultKeyError

logger = logging.getLogger(__name__)

View = Callable[..., HttpResponseBase]
LOOK_AGAIN = timedelta(seconds=30)


class SessionRenewalMiddleware:
    """Renews the login on the server when its access token nears its end; pages before that cost nothing.

    An unreachable provider logs nobody out: it is asked again half a minute later. A login that it refuses to renew is
    over: the request continues as anonymous, which LoginRequiredMiddleware handles.
    """

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: View, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        """Renew the login before each page that needs one."""
        if not is_private(view):
            return None
        try:
            keep_up(request)
        except VaultKeyError as error:
            logger.critical("vault_unreadable: %s", error)
            return pages.vault_closed(request)
        return None


class LoginRequiredMiddleware(middleware.LoginRequiredMiddleware):
    """Every page requires a login, except those marked `login_not_required`.

    A page load leads to the login and back. A part of a page that a script asks for makes the whole page go to the
    login, as a fragment can't. A form that was sent is not carried out, and the person is told.
    """

    def handle_no_permission(  # type: ignore[override]  # Django answers with a redirect only
        self, request: HttpRequest, view_func: View
    ) -> HttpResponse:
        """Return the response to an anonymous request."""
        if request.headers.get("HX-Request") == "true":
            response = HttpResponse(status=204)
            response["HX-Redirect"] = login_to(request.headers.get("HX-Current-URL", ""))
            return response
        if request.method in ("GET", "HEAD"):
            answer: HttpResponse = super().handle_no_permission(request, view_func)
            return answer
        # A redirect here would follow a form, which the Content-Security-Policy keeps on this site.
        return pages.session_ended(request, request.headers.get("Referer", ""))


def is_private(view: View) -> bool:
    """Return whether the view requires a login."""
    private: bool = getattr(view, "login_required", True)
    return private


def keep_up(request: HttpRequest) -> None:
    """Renew the login behind a session when that is due, and log out one that is over. Raises VaultKeyError."""
    if not sessions.due(request):
        return
    try:
        grant = vault.renew(sessions.grant_of(request), wait=False)
    except ProviderUnreachable as error:
        logger.warning("renewal_put_off: %s", error)
        sessions.look_again(request, datetime.now(UTC) + LOOK_AGAIN)
    except SessionEnded as error:
        logger.info("session_ended: %s", error)
        auth.logout(request)
    else:
        sessions.look_again(request, max(grant.renew_at, datetime.now(UTC) + timedelta(seconds=2)))
