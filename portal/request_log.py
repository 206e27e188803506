"""One log line per request, without what must not be in a log."""

from django.http import HttpRequest
from django_structlog.middlewares import RequestMiddleware as Original


class RequestMiddleware(Original):
    """django-structlog's, which writes the whole URL: on the way back from a login the query holds code and state."""

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        """Method and path."""
        return f"{request.method} {request.path}"
