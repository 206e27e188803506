"""One log line per request, without what must not be in a log."""

import structlog
from django.http import HttpRequest
from django_structlog.middlewares import RequestMiddleware as Original


class RequestMiddleware(Original):
    """django-structlog's, which writes the whole URL: on the way back from a login the query holds code and state."""

    def prepare(self, request: HttpRequest) -> None:
        """Leaves the id on the request too: it is gone from the log's context when the answer is on its way out."""
        super().prepare(request)
        request.META["meshdeck.request_id"] = structlog.contextvars.get_contextvars()["request_id"]

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        """Method and path."""
        return f"{request.method} {request.path}"
