"""What is refused: told to people on a page and to programs as a problem, limited by rate, counted for alarms."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _

from portal import metrics, rates
from portal.api.problems import BELOW, problem
from portal.client_address import client_address
from portal.refused import WHAT
from portal.ui import errors
from portal.ui.errors import Trouble
from portal.ui.forms import is_preview

SAFE = ("GET", "HEAD", "OPTIONS", "TRACE")
# Probes come often and from one address, and are to tell of the portal's health, not of its visitors.
NEVER_LIMITED = ("/healthz", "/metrics")
LOGINS = ("/oidc/login/", "/oidc/step-up/", "/oidc/callback/")
# Leaving is always possible.
LOGOUT = "/oidc/logout/"
_BY_STATUS = {401: "unauthenticated", 403: "forbidden", 404: "not_found"}
_BY_STATUS |= dict.fromkeys((400, 405, 413, 414, 415), "malformed")


def refuse(request: HttpRequest, trouble: Trouble, code: str = "") -> HttpResponse:
    """Return the trouble's page, or below /api/ a problem with the same text. `code` is the problem's; by status."""
    if request.path.startswith(BELOW):
        return problem(request, trouble.status, code, trouble.text)
    return errors.show(request, trouble)


def too_many(request: HttpRequest, wait: int, rate: str) -> HttpResponse:
    """Answer 429 as a page or a problem; `wait` is in seconds, `rate` a key of settings.RATES."""
    request.META[WHAT] = f"rate_{rate}"
    if not request.path.startswith(BELOW):
        return errors.too_many(request, wait)
    said = _("Wait %(n)d s, then try again. Nothing was changed.") % {"n": wait}
    response = problem(request, 429, "too_many_requests", said)
    response["Retry-After"] = str(wait)
    return response


class RefusalsMiddleware:
    """Limits requests per person, or per address where nobody is logged in, and counts everything that is refused.

    Who comes to the API with a token is limited where the token is known to be good (portal.api.auth).
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = _limited(request) or self.get_response(request)
        what = request.META.get(WHAT) or _BY_STATUS.get(response.status_code)
        if what:
            metrics.count(metrics.REFUSED, what)
        return response

    def process_view(
        self, request: HttpRequest, view: object, args: tuple[object, ...], kwargs: dict[str, object]
    ) -> HttpResponse | None:
        """Limit what changes something, now that it is known whether a form was only sent for a preview."""
        if _has_token(request) or not request.user.is_authenticated or not is_change(request):
            return None
        wait = rates.exceeded("changes", str(request.user.pk))
        return too_many(request, wait, "changes") if wait else None


def is_change(request: HttpRequest) -> bool:
    """Return whether the request asks for a change: no look, no dry run, no log out."""
    if request.method in SAFE or request.path == LOGOUT:
        return False
    if request.path.startswith(BELOW):
        return not request.path.endswith("/preview")
    return not is_preview(request)


def _limited(request: HttpRequest) -> HttpResponse | None:
    rate, who = _rate_of(request)
    wait = rates.exceeded(rate, who) if rate else 0
    return too_many(request, wait, rate) if wait else None


def _rate_of(request: HttpRequest) -> tuple[str, str]:
    """Return which limit the request counts against, if any, and whose."""
    if request.path in NEVER_LIMITED or request.path == LOGOUT:
        return "", ""
    if request.path in LOGINS:
        return "logins", address_of(request)
    if _has_token(request):
        return "", ""
    of_api = request.path.startswith(BELOW)
    if request.user.is_authenticated:
        return ("api" if of_api and request.path != BELOW else "pages"), str(request.user.pk)
    return "visitors", address_of(request)


def _has_token(request: HttpRequest) -> bool:
    return request.path.startswith(BELOW) and "Authorization" in request.headers


def address_of(request: HttpRequest) -> str:
    """Return the client's address, or one name for all whose address is unknown: nobody is unlimited."""
    return client_address(request) or "unknown"
