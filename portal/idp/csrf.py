"""What happens to a form that has grown too old."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.views.csrf import csrf_failure


def failure(request: HttpRequest, reason: str = "") -> HttpResponseBase:
    """The page that says so. But a login form grows old when another tab logs in: that one goes on to where it led."""
    login = reverse("account_login")
    if request.path == login and request.user.is_authenticated:
        return HttpResponseRedirect(f"{login}?{urlencode({'next': request.POST.get('next', '')})}")
    return csrf_failure(request, reason)
