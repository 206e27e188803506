"""Django's admin for operators, behind the portal's own login: it has no password form."""

from collections.abc import Callable
from functools import wraps
from typing import Any, NoReturn, TypeVar, cast

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _

from portal.identity import pages, strength, views
from portal.identity.addresses import step_up_to

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


class OperatorSite(admin.AdminSite):
    """Admits operators only; other people get a 404, and anonymous visitors log in first."""

    site_title = site_header = _("Meshdeck operators")
    index_title = _("Operate")

    def admin_view(self, view: View, cacheable: bool = False) -> View:
        """Wrap the view as Django does: 404 for who is no operator, the step-up for an operator whose login is weak."""
        inner = super().admin_view(view, cacheable)

        @wraps(inner)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.user.is_authenticated and not self.has_permission(request):
                raise Http404
            if request.user.is_authenticated and (lacking := strength.lacks(request)):
                return _step_up(request, lacking)
            return inner(request, *args, **kwargs)

        return cast(View, guarded)

    @method_decorator(login_not_required)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Send the browser to the provider and return to the requested page."""
        if self.has_permission(request):
            return redirect("admin:index")
        if request.user.is_authenticated:
            raise Http404
        return redirect_to_login(request.GET.get("next") or reverse("admin:index"))

    def logout(  # type: ignore[override]  # Django answers with a template only
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Log out through the portal, which ends the session at the provider too."""
        return views.logout(request)

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> NoReturn:
        """Raise Http404: there are no passwords here."""
        raise Http404


def _step_up(request: HttpRequest, lacking: set[str]) -> HttpResponse:
    """Send the browser to the provider for a stronger login. A form is not carried out, and the operator is told."""
    if request.method in ("GET", "HEAD"):
        return redirect(step_up_to(request.get_full_path()))
    return pages.too_weak(request, lacking, request.path, sent=True)
