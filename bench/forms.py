"""A browser without a screen: opens pages, fills in their forms and sends them, on a kept-alive connection."""

import http.client
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from email.message import Message
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urljoin, urlsplit

from django.conf import settings

Attributes = list[tuple[str, str | None]]
# They describe a button's behaviour, or hold no value.
_BUTTONS = ("submit", "button", "reset", "image", "file")


@dataclass
class Form:
    """A form's target and current values: pairs of name and value."""

    url: str
    fields: list[tuple[str, str]] = field(default_factory=list)

    def fill(self, name: str, *values: str) -> None:
        """Set a field to these values."""
        self.fields = [pair for pair in self.fields if pair[0] != name] + [(name, value) for value in values]


class Pages:
    """A person's browser, at `base` ("http://127.0.0.1:8000"). It keeps its connection and its cookies."""

    def __init__(self, base: str, cookie: str) -> None:
        self.base = base
        self.connection = http.client.HTTPConnection(urlsplit(base).netloc, timeout=30)
        self.cookies = {settings.SESSION_COOKIE_NAME: cookie}

    def form(self, address: str, action: str) -> Form:
        """Return the page's form whose target contains `action`. LookupError if there is none."""
        status, headers, body = self._ask("GET", address)
        if status != 200:
            raise RuntimeError(f"{address} answered {status}")
        for cookie in SimpleCookie(headers.get("Set-Cookie", "")).values():
            self.cookies[cookie.key] = cookie.value
        found = _Forms(address)
        found.feed(body.decode())
        if forms := [form for form in found.forms if action in form.url]:
            return forms[0]
        raise LookupError(action)

    def send(self, form: Form) -> tuple[float, str]:
        """Send a form; return when (POSIX time) and where the response leads. RuntimeError if the form comes back."""
        body = urlencode(form.fields)
        sent = time.time()
        status, headers, _ = self._ask("POST", form.url, body)
        if status != 302:
            raise RuntimeError(f"{form.url} answered {status}")
        return sent, headers["Location"]

    def _ask(self, method: str, address: str, body: str | None = None) -> tuple[int, Message, bytes]:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.connection.request(method, address, body, headers)
        answer = self.connection.getresponse()
        return answer.status, answer.headers, answer.read()


class _Forms(HTMLParser):
    """The forms of a page that are sent by POST."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.page = page
        self.forms: list[Form] = []
        self.inside = False
        self.select, self.options = "", list[tuple[str, bool]]()

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        have = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.inside = have.get("method", "").lower() == "post"
            if self.inside:
                self.forms.append(Form(urljoin(self.page, have.get("action", ""))))
        elif not self.inside:
            return
        elif tag == "select":
            self.select, self.options = have.get("name", ""), []
        elif tag == "option":
            self.options.append((have.get("value", ""), "selected" in have))
        elif tag == "input" and "name" in have:
            kind = have.get("type", "text")
            if kind not in _BUTTONS and (kind not in ("checkbox", "radio") or "checked" in have):
                self.add(have["name"], [have.get("value", "on" if kind == "checkbox" else "")])

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = False
        elif tag == "select" and self.inside and self.options:
            chosen = [value for value, on in self.options if on]
            self.add(self.select, chosen or [self.options[0][0]])

    def add(self, name: str, values: Iterable[str]) -> None:
        """Add a field's values to the last form."""
        self.forms[-1].fields += [(name, value) for value in values]
