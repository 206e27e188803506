"""Where token handling differs from allauth's: a public client's refresh tokens form a family, others are reused.

And each token is of one login (portal.idp.logins).

allauth has no setting for its validator. `install` replaces it in the only place where it is named.
"""

from datetime import timedelta
from typing import Any, cast

from allauth.core import context
from allauth.idp.oidc.adapter import get_adapter
from allauth.idp.oidc.internal.oauthlib import server
from allauth.idp.oidc.internal.oauthlib.request_validator import OAuthLibRequestValidator
from allauth.idp.oidc.internal.oauthlib.utils import ValidatorContext, get_validator_context
from allauth.idp.oidc.models import Client, Token
from django.db import transaction
from django.utils import timezone
from oauthlib.common import Request

from portal.idp import families, logins, settings

OFFLINE = "offline_access"


class Validator(OAuthLibRequestValidator):
    """The validator that oauthlib asks about every request and has store what is issued."""

    def validate_refresh_token(self, refresh_token: str, client: Client, request: Request, *args: Any) -> bool:
        """Validate a refresh token. If a public client has already spent it, end the family: one holder stole it.

        TokenView's transaction includes this. A refusal is a response rather than an exception, so the end is
        committed.
        """
        family = families.of(get_adapter().hash_token(refresh_token), client)
        if family is not None and family.live != get_adapter().hash_token(refresh_token):
            families.end(family, "a spent token came again")
            return False
        return bool(super().validate_refresh_token(refresh_token, client, request, *args))

    def rotate_refresh_token(self, request: Request) -> bool:
        """Return whether a renewal changes the refresh token: for public clients, as any holder can use the token.

        A confidential client's token is bound to its secret (RFC 9700, section 4.14.2). It stays, so that no login is
        lost with a response that never arrived, or whose reader died before it stored the next token.
        """
        return bool(request.client.type == Client.Type.PUBLIC)

    def save_bearer_token(self, token: dict[str, Any], request: Request, *args: Any, **kwargs: Any) -> None:
        """Save the tokens. A public client gets a refresh token only with offline_access, and then as a family."""
        before: Token | None = get_validator_context().refresh_token
        if request.client.type != Client.Type.PUBLIC:
            _count_anew(before)
            super().save_bearer_token(token, request, *args, **kwargs)
            return
        if before is None and OFFLINE not in request.scopes:
            token.pop("refresh_token", None)
        super().save_bearer_token(token, request, *args, **kwargs)
        if "refresh_token" not in token:
            return
        after = Token.objects.by_value(token["refresh_token"]).get(type=Token.Type.REFRESH_TOKEN)
        family = families.of(before.hash, request.client) if before else None
        if family is None:
            families.begin(after)
        else:
            families.go_on(family, after)
        left = Token.objects.get(pk=after.pk).expires_at - timezone.now()
        token["refresh_expires_in"] = max(0, int(left.total_seconds()))

    def save_authorization_code(self, client_id: str, code: dict[str, str], request: Request, *args: Any) -> None:
        """Save the code with the name of the browser's login."""
        super().save_authorization_code(client_id, logins.named(context.request, code), request, *args)

    def _prep_access_token(self, ctx: ValidatorContext, token: dict[str, Any], request: Request) -> Token:
        return logins.bind(super()._prep_access_token(ctx, token, request), self._source(ctx.refresh_token, request))

    def _prep_refresh_token(self, ctx: ValidatorContext, refresh_token: str, request: Request) -> Token:
        before = ctx.refresh_token
        return logins.bind(super()._prep_refresh_token(ctx, refresh_token, request), self._source(before, request))

    def _source(self, before: Token | None, request: Request) -> dict[str, str] | None:
        """Return the data of what the client exchanges; None for a device's code, which no browser of it has."""
        if before is not None:
            return cast("dict[str, str] | None", before.data)
        code = self._lookup_authorization_code(request, request.client.id, request.code) if request.code else None
        return code["code"] if code else None

    def revoke_token(self, token: str, token_type_hint: str | None, request: Request, *args: Any) -> None:
        """End what the token belongs to, if it is the client's own (RFC 7009, section 2.1). The hint isn't needed.

        Another client's token is treated as unknown, which is not an error.
        """
        with transaction.atomic():
            if family := families.of(get_adapter().hash_token(token), request.client):
                families.end(family, "revoked")
                return
            mine = Token.objects.by_value(token).filter(client=request.client)
            mine.filter(type__in=[Token.Type.ACCESS_TOKEN, Token.Type.REFRESH_TOKEN]).delete()


def _count_anew(token: Token | None) -> None:
    """Extend a reused token's lifetime from now, as rotation would. If deleted meanwhile, it stays deleted."""
    life = timedelta(seconds=settings.IDP_OIDC_REFRESH_TOKEN_EXPIRES_IN)
    if token is not None and life:
        token.expires_at = timezone.now() + life
        Token.objects.filter(pk=token.pk).update(expires_at=token.expires_at)


def install() -> None:
    """Replace allauth's validator for every endpoint."""
    server.OAuthLibRequestValidator = Validator
