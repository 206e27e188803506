"""A page with the shell and nothing in it: what `make bench` measures the others against."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from portal.ui.shell import Crumb
from projects import access
from projects.pages import frame


@require_safe
@login_required
def show(request: HttpRequest) -> HttpResponse:
    """Show the frame around nothing, behind the same login. Only there with MESHDECK_BENCH."""
    user = access.person(request)
    shell = frame.site_shell(user, frame.spots_of(user), active="", crumbs=[Crumb(_("Nothing"))])
    return render(request, "projects/empty.html", {"shell": shell})
