"""The longest texts that a request may carry, checked before anything else reads them.

Lists, forms and actions have narrower bounds of their own; these hold for what none of them names.
"""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _

from portal.refusing import refuse
from portal.ui.errors import Trouble

LONGEST_PATH = LONGEST_QUERY_VALUE = 2_000  # characters
LONGEST_TEXT = 65_536  # characters of a form's field, or of a string in JSON: more than user data may have
# What the identity provider sends back is as long as the provider likes; the web server bounds the whole address.
_OF_THE_PROVIDER = "/oidc/"


class BoundsMiddleware:
    """Refuses addresses, query values and form fields that are longer than anything Meshdeck knows."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if len(request.path) > LONGEST_PATH:
            return _too_long(request, 414, _("The address has more than %(n)d characters.") % {"n": LONGEST_PATH})
        long = LONGEST_QUERY_VALUE
        if not request.path.startswith(_OF_THE_PROVIDER) and _exceeds(request.GET.lists(), long):
            said = _("A value in the address has more than %(n)d characters. Shorten it, then try again.")
            return _too_long(request, 422, said % {"n": long})
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        """Check a form's fields, which the CSRF check has parsed by now."""
        is_form = request.content_type in ("application/x-www-form-urlencoded", "multipart/form-data")
        if is_form and _exceeds(request.POST.lists(), LONGEST_TEXT):
            said = _(
                "A field of the form has more than %(n)d characters. Nothing was changed. Shorten it and try again."
            )
            return _too_long(request, 422, said % {"n": LONGEST_TEXT})
        return None


def _exceeds(fields: Any, longest: int) -> bool:
    return any(len(text) > longest for name, values in fields for text in (name, *values))


def _too_long(request: HttpRequest, status: int, text: str) -> HttpResponse:
    """Answer without repeating what was sent, not even the address."""
    request.path = request.path[:100]
    return refuse(request, Trouble(status, _("This request is too long"), text), "too_long")
