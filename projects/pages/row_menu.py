"""The "…" menu of one row: made when it is opened, so that a list of 50 rows carries none of them.

Each row has a link to its menu. menu.js opens it in place; without scripts the link leads to a small page.
"""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from portal.ui import row_actions
from portal.ui.shell import Crumb
from projects import access
from projects.converters import Handle
from projects.operations import asking
from projects.pages import frame
from projects.pages.listing import Listing, rows_of


def of(listing: Listing) -> Any:
    """Return the view of the menus of a list's rows. LookupError for a list without menus."""
    if listing.menu is None:
        raise LookupError(f"The rows of {listing.key} have no menu.")

    @require_safe
    @login_required
    def view(request: HttpRequest, handle: Handle, external_id: str) -> HttpResponse:
        return show(request, handle, external_id, listing)

    return view


def show(request: HttpRequest, handle: Handle, external_id: str, listing: Listing) -> HttpResponse:
    """Return the menu alone where a script asks for it, else on a page. 404 for strangers, 403 for readers."""
    visit = access.enter(request, handle)
    if listing.menu is None or not asking.may_change(visit.role):
        raise PermissionDenied(asking.not_allowed(visit))
    row = rows_of(listing, visit).filter(external_id=external_id).first()
    if row is None:
        raise Http404
    actions = listing.menu(visit.tenant, row)
    if request.headers.get("HX-Request") == "true":
        response = HttpResponse(row_actions.items(actions))
    else:
        here = f"/{visit.tenant.handle}/{listing.key}/"
        crumbs = [Crumb(listing.title, here), Crumb(str(row), "../"), Crumb(_("Actions"))]
        shell = frame.tenant_shell(visit, frame.spots_of(visit.user), active=listing.key, crumbs=crumbs, stamp=None)
        shell.version = ""  # nothing on it changes by itself
        context = {"shell": shell, "actions": actions, "name": str(row), "back": here}
        response = render(request, "projects/row_menu.html", context)
    response["Cache-Control"] = "private, no-store"
    return response
