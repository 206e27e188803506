"""Addresses that every kind of thing has: its list, one of it, and what can be done with several."""

from collections.abc import Callable

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_http_methods, require_safe

from projects.converters import Handle
from projects.pages import bulk_page, detail, listing, row_menu
from projects.pages.detail import DETAILS, Detail
from projects.pages.listing import LISTINGS, Listing

View = Callable[..., HttpResponse]


def lists() -> list[URLPattern]:
    """Return the addresses of all lists, and of what can be done with several of their rows."""
    found = []
    for one in LISTINGS.values():
        found.append(path(f"{one.key}/", _index(one), name=one.key))
        if one.bulks:
            found.append(path(f"{one.key}/bulk/<slug:key>/", _several(one), name=f"bulk-{one.key}"))
    return found


def things() -> list[URLPattern]:
    """Return the addresses of each thing: its page, and the menu of its row. They fit what no other address does."""
    found = []
    for page in DETAILS.values():
        if not page.page:
            address = f"{page.kind.key}/<str:external_id>/"
            found.append(path(address, _show(page), name=page.kind.page_name))
            if page.listing.menu:
                found.append(path(f"{address}menu/", row_menu.of(page.listing), name=f"{page.kind.page_name}-menu"))
    return found


def _index(of: Listing) -> View:
    @require_safe
    @login_required
    def index(request: HttpRequest, handle: Handle) -> HttpResponse:
        return listing.show(request, handle, of)

    return index


def _several(of: Listing) -> View:
    @require_http_methods(["GET", "HEAD", "POST"])
    @login_required
    def several(request: HttpRequest, handle: Handle, key: str) -> HttpResponse:
        return bulk_page.show(request, handle, of, key)

    return several


def _show(of: Detail) -> View:
    @require_safe
    @login_required
    def show(request: HttpRequest, handle: Handle, external_id: str) -> HttpResponse:
        return detail.show(request, handle, external_id, of)

    return show
