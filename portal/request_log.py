"""One log line per request, without secrets."""

import structlog
from django.http import HttpRequest
from django_structlog.middlewares import RequestMiddleware as Original

from portal.client_address import client_address


class RequestMiddleware(Original):
    """django-structlog's logs the whole URL: on the way back from a login, its query holds code and state.

    And it lets the client choose the address that is logged.
    """

    def prepare(self, request: HttpRequest) -> None:
        """Keep the request id on the request too: the log context has lost it when the response is sent."""
        super().prepare(request)
        request.META["meshdeck.request_id"] = structlog.contextvars.get_contextvars()["request_id"]

    @classmethod
    def bind_ip(cls, request: HttpRequest) -> None:
        """Log the address that can be trusted; django-structlog's believes a dozen headers of the client's."""
        structlog.contextvars.bind_contextvars(ip=client_address(request))

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        """Return method and path."""
        return f"{request.method} {request.path}"
