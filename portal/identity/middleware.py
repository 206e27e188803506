"""Between the session and the pages: renewal on the server, and a login for who has none."""

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

    A provider that is away logs nobody out: it is asked again half a minute later. A login that it refuses to renew is
    over: the request goes on as a stranger's, which LoginRequiredMiddleware answers.
    """

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: View, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        """Before each page that needs a login."""
        if not is_private(view):
            return None
        try:
            keep_up(request)
        except VaultKeyError as error:
            logger.critical("vault_unreadable: %s", error)
            return pages.vault_closed(request)
        return None


class LoginRequiredMiddleware(middleware.LoginRequiredMiddleware):
    """Every page needs a login but those marked `login_not_required`.

    A page that is loaded leads to the login and back. A part that a script asks for makes the whole page go there, as a
    fragment can't. What was sent by a form is not carried out, and says so.
    """

    def handle_no_permission(  # type: ignore[override]  # Django answers with a redirect only
        self, request: HttpRequest, view_func: View
    ) -> HttpResponse:
        """The answer to a stranger."""
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
    """Whether the view needs a login."""
    private: bool = getattr(view, "login_required", True)
    return private


def keep_up(request: HttpRequest) -> None:
    """Renews the login behind a session where that is due; one that is over is logged out. Raises VaultKeyError."""
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
