"""Requests and responses on top of WSGI (PEP 3333), and a server that logs no query: it may hold a code."""

import json
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from http.cookies import SimpleCookie
from socketserver import ThreadingMixIn
from typing import Any
from urllib.parse import parse_qs
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

LONGEST_BODY = 64 * 1024


@dataclass(frozen=True, slots=True)
class Request:
    """One request; of a repeated parameter the first value counts."""

    method: str
    path: str
    query: Mapping[str, str]
    form: Mapping[str, str]
    headers: Mapping[str, str]
    cookies: Mapping[str, str]
    raw_query: str = ""

    @property
    def wants_json(self) -> bool:
        """Whether to answer in JSON, decided as UAA does: by the first accepted type."""
        return self.headers.get("accept", "").split(",")[0].strip().startswith("application/json")


@dataclass(frozen=True, slots=True)
class Answer:
    """A response. Nothing from UAA or the API may be cached on the way."""

    status: int
    body: bytes = b""
    content_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()


class Refused(Exception):
    """A request that is refused; `answer` is the complete error response."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


Handler = Callable[[Request], Answer]


@dataclass(frozen=True, slots=True)
class Site:
    """A WSGI application with handlers by path; `missing` answers unknown paths, `wrong` unsupported methods."""

    routes: Mapping[str, Mapping[str, Handler]]
    missing: Handler
    around: Callable[[Request, Handler], Answer] = field(default=lambda request, handler: handler(request))

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        request = _request(environ)
        answer = self.around(request, self.answer)
        headers = [("Content-Type", answer.content_type), ("Content-Length", str(len(answer.body)))]
        headers += [("Cache-Control", "no-store"), ("X-Frame-Options", "DENY"), *answer.headers]
        start_response(f"{answer.status} {HTTPStatus(answer.status).phrase}", headers)
        return [answer.body]

    def answer(self, request: Request) -> Answer:
        """Return the handler's response, or the error that it raises."""
        handlers = self.routes.get(request.path)
        if handlers is None:
            return self.missing(request)
        handler = handlers.get(request.method)
        if handler is None:
            return Answer(405, headers=(("Allow", ", ".join(handlers)),))
        try:
            return handler(request)
        except Refused as refused:
            return refused.answer


def json_answer(body: object, status: int = 200, headers: tuple[tuple[str, str], ...] = ()) -> Answer:
    """Build a JSON response."""
    return Answer(status, json.dumps(body).encode(), "application/json;charset=UTF-8", headers)


def redirect(target: str, headers: tuple[tuple[str, str], ...] = ()) -> Answer:
    """Redirect a browser."""
    return Answer(302, headers=(("Location", target), *headers))


def _request(environ: dict[str, Any]) -> Request:
    headers = {name[5:].replace("_", "-").lower(): value for name, value in environ.items() if name.startswith("HTTP_")}
    form: dict[str, str] = {}
    length = int(environ.get("CONTENT_LENGTH") or 0)
    if 0 < length <= LONGEST_BODY and environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded"):
        form = _first(environ["wsgi.input"].read(length).decode(errors="replace"))
    cookies = {name: one.value for name, one in SimpleCookie(headers.get("cookie", "")).items()}
    raw_query = environ.get("QUERY_STRING", "")
    path = environ.get("PATH_INFO") or "/"
    return Request(environ["REQUEST_METHOD"], path, _first(raw_query), form, headers, cookies, raw_query)


def _first(text: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(text, keep_blank_values=True).items()}


class Server(ThreadingMixIn, WSGIServer):
    """An HTTP server with a thread for each connection, on 127.0.0.1."""

    daemon_threads = True

    def __init__(self, port: int, site: Site) -> None:
        super().__init__(("127.0.0.1", port), _Log)
        self.set_app(site)


class _Log(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Log only the path: queries hold authorization codes. Cookies and bodies are never logged."""
        path = self.path.partition("?")[0]
        sys.stderr.write(f"{self.log_date_time_string()} {self.command} {path} {getattr(code, 'value', code)}\n")

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the parent's name
        """Log nothing: the parent's message would quote a malformed request."""
        sys.stderr.write(f"{self.log_date_time_string()} a request could not be read\n")
