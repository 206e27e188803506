"""Addresses of the provider: only what is used. Signing up, e-mail and password reset have none."""

from allauth.account import views as account
from allauth.idp.oidc import views as oidc
from django.http import HttpRequest, HttpResponseBase
from django.urls import include, path, reverse_lazy
from django.views.decorators.csrf import csrf_protect
from django.views.generic import RedirectView


@csrf_protect
def device_authorization(request: HttpRequest) -> HttpResponseBase:
    """allauth leaves this form without protection: another site could confirm its own device in the user's name."""
    response: HttpResponseBase = oidc.device_authorization(request)
    return response


urlpatterns = [
    path("", RedirectView.as_view(url=reverse_lazy("mfa_index")), name="home"),
    path("login/", account.login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("confirm/", account.reauthenticate, name="account_reauthenticate"),
    path("account/password/", account.password_change, name="account_change_password"),
    path("account/", include("allauth.mfa.urls")),
    path("identity/o/device", device_authorization),
    path("", include("allauth.idp.urls")),
]
