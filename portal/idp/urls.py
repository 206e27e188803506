"""Addresses of the provider: only those in use. Sign-up, e-mail and password reset have none."""

from allauth.account import views as account
from allauth.idp.oidc import views as oidc
from allauth.idp.oidc.forms import RPInitiatedLogoutForm
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import include, path, reverse_lazy
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.generic import RedirectView

from portal.idp import logins, pages


@csrf_exempt  # a client may POST its request; allauth protects the consent form itself
def authorization(request: HttpRequest) -> HttpResponseBase:
    """Ignore parameters without a value (RFC 6749, section 3.1): an empty code_challenge switched PKCE off."""
    given = request.GET.copy()
    for name in [name for name, values in given.lists() if not any(values)]:
        del given[name]
    if len(given) < len(request.GET):
        return HttpResponseRedirect(f"{request.path}?{given.urlencode()}")
    response: HttpResponseBase = oidc.authorization(request)
    return response


@csrf_protect
def device_authorization(request: HttpRequest) -> HttpResponseBase:
    """Protect this form, which allauth leaves open: another site could confirm its own device in the user's name."""
    response: HttpResponseBase = oidc.device_authorization(request)
    return response


class LogoutView(oidc.LogoutView):  # type: ignore[misc]
    """The log out that a client begins. It ends what was issued in this browser, and no other login of the person."""

    def _handle(self, form: RPInitiatedLogoutForm, op_logout: bool) -> HttpResponse:
        """End this login's tokens. Without a client, allauth does not delete the person's others at that client."""
        client = form.cleaned_data["client"]
        if client is not None and self.request.user.is_authenticated:
            logins.end(self.request, client)
        form.cleaned_data["client"] = None
        response: HttpResponse = super()._handle(form, op_logout)
        return response


urlpatterns = [
    path("", RedirectView.as_view(url=reverse_lazy("mfa_index")), name="home"),
    path("login/", account.login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("confirm/", account.reauthenticate, name="account_reauthenticate"),
    path("account/password/", account.password_change, name="account_change_password"),
    path("account/command-lines/", pages.long_logins, name="long_logins"),
    path("account/command-lines/<int:pk>/end/", pages.end_long_login, name="end_long_login"),
    path("account/", include("allauth.mfa.urls")),
    path("identity/o/authorize", authorization),
    path("identity/o/device", device_authorization),
    path("identity/o/logout", LogoutView.as_view()),
    path("", include("allauth.idp.urls")),
]
