"""404 and 403 inside the frame that the person knows, with their projects in the menu."""

from django.http import HttpRequest, HttpResponse

from portal.identity.models import User
from portal.ui import errors
from portal.ui.shell import Shell
from projects.pages import frame


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Says the same to everyone; only the menu around it is the person's own."""
    return errors.not_found(request, exception, _shell(request))


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Says which role is missing and whom to ask."""
    return errors.forbidden(request, exception, _shell(request))


def _shell(request: HttpRequest) -> Shell | None:
    user = request.user if hasattr(request, "user") else None
    return frame.site_shell(user, frame.spots_of(user), active="", crumbs=[]) if isinstance(user, User) else None
