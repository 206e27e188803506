"""Errors below /api/ in the format of RFC 9457, application/problem+json, whichever layer found them."""

from collections.abc import Callable, Sequence
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from pydantic import BaseModel, Field

from projects.api.refusals import Fault

MEDIA_TYPE = "application/problem+json"
BELOW = "/api/"
# The text for a status whose source gave none that is fit for an API.
_DETAILS = {
    400: "The request can't be read.",
    403: "You are not allowed to do this.",
    404: "There is nothing at this address, or it belongs to a project that you are not a member of.",
    405: "This address does not support the method. The Allow header lists those that it supports.",
    415: "The API takes application/json only: send the body as JSON, with that Content-Type.",
    500: "Meshdeck hit an internal error. Give your operator the request ID.",
    503: "A part of Meshdeck is not answering. Try again in a moment.",
}


class Problem(BaseModel):
    """What went wrong, for people (`detail`) and for programs (`code`, `errors`)."""

    type: str = "about:blank"
    title: str = Field(description="What the status means.")
    status: int
    detail: str = ""
    code: str = Field(
        description="The kind of problem: unauthenticated, csrf, forbidden, not_found, invalid, refused …"
    )
    errors: list[Fault] = []
    request_id: str = Field("", description="The ID under which an operator finds the request in the log.")


def problem(
    request: HttpRequest, status: int, code: str = "", detail: str = "", errors: Sequence[Fault] = ()
) -> HttpResponse:
    """Return the response for a problem."""
    response = HttpResponse(status=status)
    _fill(request, response, code, detail, errors)
    return response


def _fill(request: HttpRequest, response: HttpResponse, code: str, detail: str, errors: Sequence[Fault]) -> None:
    status = HTTPStatus(response.status_code)
    said = Problem(
        title=status.phrase,
        status=status,
        detail=detail or _DETAILS.get(status, ""),
        code=code or status.name.lower(),
        errors=list(errors),
        request_id=request.META.get("meshdeck.request_id", ""),
    )
    response.content = said.model_dump_json().encode()
    response["Content-Type"] = MEDIA_TYPE
    response["Content-Length"] = str(len(response.content))
    # An error must not be cached as the answer to the next request.
    response["Cache-Control"] = "no-store"


class ProblemsMiddleware:
    """Turns every other error below /api/ into a problem: wrong methods, wrong hosts, our own bugs.

    The error's headers stay. Each response names the request's id.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path.startswith(BELOW):
            return self.get_response(request)
        # PostgreSQL accepts no NUL, and no name has one.
        if "\x00" in request.path:
            response: HttpResponseBase = problem(request, 404)
        elif not _is_json_or_nothing(request):
            # Before authentication: its CSRF check would read a form, and the body could not be read again.
            response = problem(request, 415)
            response["Accept"] = "application/json"  # RFC 9110, section 15.5.16
        else:
            response = self.get_response(request)
        told = response.status_code < 400 or response.get("Content-Type", "") == MEDIA_TYPE
        if isinstance(response, HttpResponse) and not told:
            _fill(request, response, "", "", ())
        # API responses belong to one person and one moment, unless they say otherwise.
        response.setdefault("Cache-Control", "private, no-store")
        # Opened as an address of its own, a browser saves it and never takes it for a page.
        if "json" in response.get("Content-Type", ""):
            response.setdefault("Content-Disposition", 'attachment; filename="api.json"')
        if request_id := request.META.get("meshdeck.request_id"):
            response["X-Request-ID"] = request_id
        return response


def _is_json_or_nothing(request: HttpRequest) -> bool:
    """Return whether the body is announced as JSON, or there is none."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    has_body = length != "0" or "HTTP_TRANSFER_ENCODING" in request.META
    return (request.content_type or "").lower() == "application/json" if has_body else True
