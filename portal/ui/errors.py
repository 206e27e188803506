"""Error pages: what happened, why, and what to do. They need no database and no session.

`portal.urls` names the handlers. A caller that can draw the menu passes a `Shell`.
"""

from dataclasses import dataclass

import structlog
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from portal import refused
from portal.ui.shell import Shell
from portal.ui.status import Role


@dataclass(frozen=True, slots=True)
class Trouble:
    """One error page. `role` picks the shape beside the title; `lost` draws the broken mesh instead."""

    status: int
    title: str
    text: str
    role: Role = "warn"
    lost: bool = False
    retry: bool = False
    log_in: bool = False
    hint: str = ""


def show(request: HttpRequest, trouble: Trouble, shell: Shell | None = None) -> HttpResponse:
    """Render a `Trouble` with the id under which the log has this request."""
    context = {
        "trouble": trouble,
        "shell": shell,
        "request_id": structlog.contextvars.get_contextvars().get("request_id", ""),
        "path": request.path,
    }
    response = render(request, "errors/trouble.html", context, status=trouble.status)
    # An error page must not be cached as the answer to the next request.
    response["Cache-Control"] = "no-store"
    return response


def bad_request(request: HttpRequest, exception: Exception, shell: Shell | None = None) -> HttpResponse:
    """Answer 400: the address or the form can't be read; 413 to a form that is too large to be read."""
    if isinstance(exception, RequestDataTooBig):
        return show(
            request,
            Trouble(
                413,
                _("This form is too large"),
                _("Meshdeck takes at most 1 MB at once. Nothing was changed. Go back and send less."),
            ),
            shell,
        )
    return show(
        request,
        Trouble(
            400,
            _("This request can't be read"),
            _("The address or the form has a part that Meshdeck can't read. Go back and try again from the page."),
        ),
        shell,
    )


def forbidden(request: HttpRequest, exception: Exception, shell: Shell | None = None) -> HttpResponse:
    """Answer 403: visible, but not allowed. The exception's text says who is allowed."""
    return show(
        request,
        Trouble(
            403,
            _("This needs another role"),
            str(exception)
            or _("Your role lets you view this, but not change it. Ask an admin of the project for the role."),
        ),
        shell,
    )


def not_found(request: HttpRequest, exception: Exception, shell: Shell | None = None) -> HttpResponse:
    """Answer 404, without revealing anything about others' resources."""
    return show(
        request,
        Trouble(
            404,
            _("There is nothing at this address"),
            _(
                "What you are looking for was deleted, never existed, or belongs to a project that you are not a "
                "member of. Meshdeck deliberately doesn't say which."
            ),
            lost=True,
        ),
        shell,
    )


def too_many(request: HttpRequest, wait: int, shell: Shell | None = None) -> HttpResponse:
    """Answer 429: too many requests; `wait` is in seconds."""
    response = show(
        request,
        Trouble(
            429,
            _("Too many requests"),
            _("Wait %(n)d s, then try again. Nothing was changed.") % {"n": wait},
            retry=True,
        ),
        shell,
    )
    response["Retry-After"] = str(wait)
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer 500: a bug of ours. This page must not fail itself."""
    return show(
        request,
        Trouble(
            500,
            _("Meshdeck hit an internal error"),
            _("This page could not be shown. It changed nothing in your clouds, and other pages may still work."),
            role="bad",
            retry=True,
            hint=_("If this happens again, give your operator the request ID below: the log has the details."),
        ),
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer 403 to a failed CSRF check: the page is older than the session, or cookies are blocked."""
    refused.note(request, "csrf")
    return show(
        request,
        Trouble(
            403,
            _("This page has expired"),
            _(
                "You logged in or out since it was loaded, or your browser blocks cookies. "
                "Nothing was changed. Go back, reload the page and try again."
            ),
            retry=False,
        ),
    )


def session_ended(request: HttpRequest) -> HttpResponse:
    """Answer 401: the login has ended and can't be renewed without the person."""
    return show(
        request,
        Trouble(
            401,
            _("Your session has ended"),
            _("Log in again to return to this page. What is running in your clouds continues."),
            log_in=True,
        ),
    )


def provider_down(request: HttpRequest, wait: int = 10) -> HttpResponse:
    """Answer 503: the identity provider does not respond, so nobody can log in and no login can be renewed."""
    response = show(
        request,
        Trouble(
            503,
            _("The identity provider does not answer"),
            _("Meshdeck can't verify who you are. What is running in your clouds continues. Try again in a moment."),
            retry=True,
            hint=_("If this continues, tell the operator of the identity provider."),
        ),
    )
    response["Retry-After"] = str(wait)
    return response
