"""Where a login may lead, and the address of the login that leads there."""

from urllib.parse import urlencode, urlsplit

from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

LONGEST = 2000  # the target is kept in a cookie
OURS = ("/oidc/", "/logged-out/", "/operator/login", "/operator/logout")


def safe_target(wanted: str) -> str:
    """Return `wanted` if it is the path of a page of this site, else the welcome page. Never another site."""
    if (
        not wanted.startswith("/")
        or len(wanted) > LONGEST
        or wanted.startswith(OURS)
        or not url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    ):
        return "/"
    return wanted


def login_to(page: str) -> str:
    """Return the address of the login that leads to `page`, a path or a URL of this site (its host is dropped)."""
    return _leading_to("login", page)


def step_up_to(page: str) -> str:
    """Return the address of the stronger login that leads to `page`, as `login_to` does."""
    return _leading_to("step_up", page)


def _leading_to(view: str, page: str) -> str:
    try:
        target = urlsplit(page)._replace(scheme="", netloc="", fragment="").geturl()
    except ValueError:
        target = ""
    return f"{reverse(view)}?{urlencode({'next': safe_target(target)})}"
