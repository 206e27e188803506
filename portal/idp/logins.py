"""Logins at the provider, one per browser: which tokens come of which, so that a log out ends only its own.

allauth stores tokens by person and client. The name of the login goes from the browser's session into the authorization
code, and from there into each token issued for it. Tokens of a device are of no browser and end with none.
"""

from uuid import uuid4

from allauth.idp.oidc.models import Client, Token
from django.http import HttpRequest

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
