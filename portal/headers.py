"""Headers that every answer of ours has unless it brought its own."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

# What our pages need: copying and, at the built-in identity provider, passkeys.
_PERMISSIONS = (
    "accelerometer=(), camera=(), clipboard-write=(self), display-capture=(), geolocation=(), gyroscope=(), hid=(), "
    "microphone=(), midi=(), payment=(), publickey-credentials-create=(self), publickey-credentials-get=(self), "
    "serial=(), usb=()"
)


class HeadersMiddleware:
    """Forbids caches to keep answers, which belong to one person and one moment, and pages to use the device."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.setdefault("Cache-Control", "private, no-store")
        response.setdefault("Permissions-Policy", _PERMISSIONS)
        return response
