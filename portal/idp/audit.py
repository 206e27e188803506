"""The log of logins: who came in, who did not, from where, and under which request.

No line has a password, and none a name that is not an account's: some type their password there.
"""

import logging
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from allauth.account.signals import user_logged_in
from allauth.mfa.signals import authentication_failed
from django.contrib.auth.models import AbstractBaseUser, User
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponseBase

from portal.client_address import client_address

logger = logging.getLogger(__name__)

_ID = "meshdeck.request_id"


class RequestIdMiddleware:
    """Gives each request an id, which its log lines and its answer have, and logs those that came too often."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.META[_ID] = uuid4().hex
        response = self.get_response(request)
        response["X-Request-ID"] = request.META[_ID]
        if response.status_code == 429:
            logger.warning("rate_limited: path=%s %s", request.path, where(request))
        return response


def where(request: HttpRequest) -> str:
    """Return the address and the id of a request, for a log line."""
    return f"address={client_address(request)} request={request.META.get(_ID, '')}"


def failed(request: HttpRequest, credentials: dict[str, Any], what: str = "login_failed") -> None:
    """Log a login that was refused."""
    name = credentials.get("username") or ""
    known = User.objects.filter(username=name).values_list("username", flat=True).first()
    logger.warning("%s: user=%s %s", what, known or "unknown", where(request))


@receiver(user_logged_in)
def _logged_in(request: HttpRequest, user: AbstractBaseUser, **_: Any) -> None:
    used = request.session.get("account_authentication_methods", [])
    methods = "+".join(str(one.get("type") or one.get("method")) for one in used)
    logger.info("login: user=%s method=%s %s", user.get_username(), methods or "unknown", where(request))


@receiver(authentication_failed)
def _second_factor_failed(request: HttpRequest, user: AbstractBaseUser, **_: Any) -> None:
    logger.warning("second_factor_failed: user=%s %s", user.get_username(), where(request))
