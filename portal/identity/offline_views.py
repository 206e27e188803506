"""The callback from the provider with an offline token. Leads on to the page that hands the token over."""

import logging
from urllib.parse import urlsplit

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET
from redis import RedisError

from portal.identity import authorization, offline, pages, pending, sessions
from portal.identity.browser import browser
from portal.identity.errors import LoginRefused, OfflineRefused, ProviderRefused, ProviderUnreachable, VaultKeyError
from portal.identity.models import User

logger = logging.getLogger(__name__)


@login_not_required  # a detour through the login would take too long: the code is only valid for a minute
@never_cache
@require_GET
def answer(request: HttpRequest) -> HttpResponse:
    """Handle the provider's response. Any failure gets a page and leaves no token behind."""
    state = request.GET.get("state", "")
    try:
        begun = pending.take(request, state)
    except RedisError as error:
        logger.error("offline_token_impossible: cache %s", type(error).__name__)
        return pages.not_now(request)
    if begun is None or not begun.about:
        response = pages.not_this_token(request)
    elif not isinstance(request.user, User):
        response = pages.session_ended(request, _back(begun))
    else:
        response = _answer(request, request.user, begun)
    pending.drop(response, state, begun)
    return response


def _answer(request: HttpRequest, user: User, begun: pending.Pending) -> HttpResponse:
    where, back = urlsplit(begun.next), _back(begun)
    try:
        authorization.check_answer(request)
        if "error" in request.GET:
            return pages.no_token(request, request.GET["error"], back)
        asker = offline.Asker(user, sessions.grant_of(request), browser(request.headers.get("User-Agent", "")))
        row = offline.make(asker, begun, request.GET.get("code", ""))
    except OfflineRefused as error:
        logger.warning("offline_token_refused: user=%s why=%s", user.pk, error.why)
        return pages.no_token(request, error.why, back)
    except LoginRefused as error:
        logger.warning("offline_token_refused: user=%s %s", user.pk, error)
        return pages.no_token(request, "not_trusted", back)
    except ProviderRefused as error:
        logger.warning("offline_token_refused: user=%s error=%s", user.pk, error.error)
        return pages.no_token(request, error.error, back)
    except (ProviderUnreachable, RedisError) as error:
        logger.warning("offline_token_not_made: user=%s error=%s", user.pk, type(error).__name__)
        return pages.not_now(request)
    except VaultKeyError as error:
        logger.critical("vault_unreadable: %s", error)
        return pages.vault_closed(request)
    return HttpResponseRedirect(where._replace(path=f"{where.path}{row.pk}/").geturl())


def _back(begun: pending.Pending) -> str:
    """Return the page on which the token was requested."""
    return urlsplit(begun.next).path.removesuffix("offline/") + "?way=offline"
