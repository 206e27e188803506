"""The API at /api/v1: mounted, with its document."""

import json
import re
from functools import lru_cache
from typing import Any, cast

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, include, path
from django.utils.datastructures import MultiValueDict
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI
from ninja.errors import HttpError
from ninja.parser import Parser

from portal.api import document, errors, page
from portal.api.auth import BearerToken, BrowserSession
from portal.api.problems import problem
from projects.api.base import ROOT
from projects.api.mount import mounts

_NO_LETTER = re.compile("[\x00\ud800-\udfff]")


class TextParser(Parser):
    """Accepts only JSON and parameters whose text every database can store: no NUL, no lone surrogate."""

    def parse_body(self, request: HttpRequest) -> dict[str, Any]:
        """Parse the body. Raises HttpError 400 if it is not such JSON."""
        text = request.body.decode("utf-8", "strict")
        found = json.loads(text, parse_constant=_no_number)
        _check(found)
        return cast(dict[str, Any], found)

    def parse_querydict(
        self, data: "MultiValueDict[str, Any]", list_fields: list[str], request: HttpRequest
    ) -> dict[str, Any]:
        """Parse the parameters."""
        for _name, values in data.lists():
            _check(values)
        return super().parse_querydict(data, list_fields, request)


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is not JSON.")


def _check(value: Any) -> None:
    if isinstance(value, str):
        if _NO_LETTER.search(value):
            raise HttpError(400, "A string has an invalid character.")
    elif isinstance(value, dict):
        for part in (*value, *value.values()):
            _check(part)
    elif isinstance(value, list):
        for part in value:
            _check(part)


api = NinjaAPI(
    title="Meshdeck",
    version="1",
    description=document.ABOUT,
    urls_namespace="api",
    openapi_url=None,
    docs_url=None,
    auth=[BearerToken(), BrowserSession()],
    parser=TextParser(),
)
errors.register(api)
for prefix, router in mounts():
    api.add_router(prefix, router)


@lru_cache(maxsize=1)
def _document() -> dict[str, Any]:
    return document.of(api, ROOT)


@lru_cache(maxsize=1)
def _document_as_text() -> str:
    return json.dumps(_document())


def home(request: HttpRequest) -> HttpResponse:
    """Show the page for people."""
    return page.show(request, _document())


def openapi(request: HttpRequest) -> HttpResponse:
    """Return the document. It is open to everyone: it describes the product and none of its data."""
    if request.method not in ("GET", "HEAD"):
        response = problem(request, 405)
        response["Allow"] = "GET, HEAD"
        return response
    return HttpResponse(_document_as_text(), content_type="application/json", headers={"Cache-Control": "max-age=300"})


def nothing(request: HttpRequest, rest: str) -> HttpResponse:
    """Answer 404 for addresses that don't exist."""
    return problem(request, 404)


def _public(pattern: URLPattern) -> URLPattern:
    """Exempt the API from login redirects and from Django's CSRF check; the API checks CSRF for sessions itself."""
    pattern.callback = csrf_exempt(login_not_required(pattern.callback))
    return pattern


urlpatterns = [
    path("", home, name="api"),
    path("v1/openapi.json", csrf_exempt(login_not_required(openapi)), name="openapi"),
    path("v1/", include([_public(one) for one in api.urls[0] if isinstance(one, URLPattern)])),
    path("<path:rest>", csrf_exempt(login_not_required(nothing)), name="nothing"),
]
