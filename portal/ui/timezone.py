"""Show times in the reader's time zone, which the browser names in a cookie (assets/js/timezone.js)."""

from collections.abc import Callable
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

COOKIE = "meshdeck-zone"


@lru_cache(maxsize=1)
def _names() -> frozenset[str]:
    return frozenset(available_timezones())


class TimeZoneMiddleware:
    """Activates the cookie's zone for the request; without one, or with an unknown one, times are in UTC."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        name = request.COOKIES.get(COOKIE, "")
        if name not in _names():
            return self.get_response(request)
        with timezone.override(ZoneInfo(name)):
            return self.get_response(request)
