"""The response to a form with an expired CSRF token."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.views.csrf import csrf_failure


def failure(request: HttpRequest, reason: str = "") -> HttpResponseBase:
    """Show the page that says so. A login form expired by a login in another tab continues to its target instead."""
    login = reverse("account_login")
    if request.path == login and request.user.is_authenticated:
        return HttpResponseRedirect(f"{login}?{urlencode({'next': request.POST.get('next', '')})}")
    return csrf_failure(request, reason)
