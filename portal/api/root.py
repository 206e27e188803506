"""The API at /api/v1: mounted, with its document."""

import json
from functools import lru_cache
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, include, path
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI

from portal.api import document, errors, page
from portal.api.auth import BearerToken, BrowserSession
from portal.api.parsing import TextParser
from portal.api.problems import problem
from projects.api.base import ROOT
from projects.api.mount import mounts

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
