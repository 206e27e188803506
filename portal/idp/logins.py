"""Logins at the provider, one per browser: which tokens come of which, so that a log out ends only its own.

allauth stores tokens by person and client. The name of the login goes from the browser's session into the authorization
code, and from there into each token issued for it. Tokens of a device are of no browser and end with none.
"""

import logging
from uuid import uuid4

from allauth.idp.oidc.models import Client, Token
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.http import HttpRequest

from portal.idp.models import TokenFamily

logger = logging.getLogger(__name__)

_NAME = "login"  # in the session, in an authorization code, and in Token.data


def named(request: HttpRequest, code: dict[str, str]) -> dict[str, str]:
    """Return an authorization code that also says which browser's login it was issued in."""
    return {**code, _NAME: request.session.setdefault(_NAME, uuid4().hex)}


def bind(token: Token, source: dict[str, str] | None) -> Token:
    """Let the token be of the same login as its source, the data of an authorization code or of a refresh token."""
    if source and _NAME in source:
        token.data = {**(token.data or {}), _NAME: source[_NAME]}
    return token


def end(request: HttpRequest, client: Client) -> None:
    """Delete the client's tokens that were issued in this browser's login."""
    login = request.session.get(_NAME)
    if login is not None:
        kinds = (Token.Type.ACCESS_TOKEN, Token.Type.REFRESH_TOKEN)
        Token.objects.filter(client=client, type__in=kinds, data__login=login).delete()


def end_all(user: AbstractBaseUser, why: str) -> None:
    """Delete all tokens that were issued to a person, at every client and for every browser, with their families."""
    with transaction.atomic():
        # The person's sessions in other browsers end by themselves: Django binds them to the password.
        kinds = (Token.Type.ACCESS_TOKEN, Token.Type.REFRESH_TOKEN)
        Token.objects.filter(user=user, type__in=kinds).delete()
        TokenFamily.objects.filter(user=user).delete()
    logger.info("logins_ended: user=%s why=%s", user.get_username(), why)


class EndLogins:
    """A password validator that allows all passwords and, once one was changed, ends what the old one had begun.

    Django tells validators of every change, be it by the person's page or by an operator's command, and of no hash that
    is only renewed.
    """

    def validate(self, password: str, user: AbstractBaseUser | None = None) -> None:
        """Allow it."""

    def get_help_text(self) -> str:
        """Return nothing: there is nothing to observe."""
        return ""

    def password_changed(self, password: str, user: AbstractBaseUser | None = None) -> None:
        """End all logins of the person."""
        if user is not None and user.pk is not None:
            end_all(user, "password changed")
