"""Serve pages made of components without database and login: only the site's own CSP and static files."""

import contextlib
from collections.abc import Iterator
from threading import Thread

from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.handlers.wsgi import WSGIHandler
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.test import override_settings


class Quiet(WSGIRequestHandler):
    def log_message(self, *arguments: object) -> None:
        """Log nothing."""


@contextlib.contextmanager
def serving(urlconf: str) -> Iterator[str]:
    """Serve these pages and yield the server's address."""
    middleware = ["csp.middleware.CSPMiddleware"]
    storages = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
    with override_settings(ROOT_URLCONF=urlconf, MIDDLEWARE=middleware, STORAGES=storages, DEBUG=True):
        server = ThreadedWSGIServer(("127.0.0.1", 0), Quiet)
        server.set_app(StaticFilesHandler(WSGIHandler()))
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        server.server_close()
        thread.join()
