"""404 inside the frame that the person knows, with their projects in the menu."""

from django.http import HttpRequest, HttpResponse

from portal.identity.models import User
from portal.ui import errors
from projects.pages import frame


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Says the same to everyone; only the menu around it is the person's own."""
    user = request.user if hasattr(request, "user") else None
    shell = frame.site_shell(user, frame.spots_of(user), active="", crumbs=[]) if isinstance(user, User) else None
    return errors.not_found(request, exception, shell)
