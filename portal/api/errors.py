"""Map each exception to the caller's response, in one place."""

import logging
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from redis.exceptions import RedisError

from portal import refused, refusing
from portal.api.auth import BadTokenError, CsrfError, RateError
from portal.api.parsing import UnboundedError
from portal.api.problems import problem
from portal.identity.errors import ProviderUnreachable, VaultKeyError
from projects.api.refusals import Fault, told
from projects.operations.asking import KeyReusedError, RefusedError

logger = logging.getLogger(__name__)

# RFC 6750, section 3: without a token there is no error code, with a bad one it is this.
_CHALLENGE = 'Bearer realm="meshdeck"'
_BAD_TOKEN = f'{_CHALLENGE}, error="invalid_token"'


def register(api: NinjaAPI) -> None:
    """Register the exception handlers."""
    handlers: dict[type[Exception], Any] = {
        AuthenticationError: _who,
        BadTokenError: _bad_token,
        RateError: lambda request, error: refusing.too_many(request, error.wait, error.rate),
        CsrfError: _csrf,
        PermissionDenied: lambda request, error: problem(request, 403, "forbidden", str(error)),
        Http404: lambda request, _error: problem(request, 404),
        ValidationError: _invalid,
        RefusedError: _refused,
        KeyReusedError: _key_reused,
        RequestDataTooBig: lambda request, _error: problem(request, 413, detail=_("The body has more than 1 MB.")),
        SuspiciousOperation: lambda request, _error: problem(request, 400),
        UnboundedError: _unbounded,
        HttpError: _http,
        ProviderUnreachable: _provider_away,
        VaultKeyError: _vault_closed,
        RedisError: lambda request, _error: problem(request, 503),
        Exception: _raise,
    }
    for kind, handler in handlers.items():
        api.add_exception_handler(kind, handler)


def _who(request: HttpRequest, _error: Exception) -> HttpResponse:
    said = _("Authentication required: send an access token in the Authorization header, or the portal's session.")
    response = problem(request, 401, "unauthenticated", said)
    response["WWW-Authenticate"] = _CHALLENGE
    return response


def _bad_token(request: HttpRequest, _error: Exception) -> HttpResponse:
    refused.note(request, "bearer")
    said = _("The access token is not valid: expired, or not issued by this provider for the clouds.")
    response = problem(request, 401, "invalid_token", said)
    response["WWW-Authenticate"] = _BAD_TOKEN
    return response


def _csrf(request: HttpRequest, _error: Exception) -> HttpResponse:
    refused.note(request, "csrf")
    said = _("With a session, changes require the portal's CSRF token in the X-CSRFToken header.")
    return problem(request, 403, "csrf", said)


def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    faults = []
    for one in error.errors:
        source, *path = one["loc"]
        # The body's name exists only in our code; callers see a single body.
        path = path[1:] if source == "body" else path
        faults.append(Fault(field=".".join(map(str, path)), reason=one["msg"]))
    return problem(request, 422, "invalid", _("The request is invalid."), faults)


def _unbounded(request: HttpRequest, error: UnboundedError) -> HttpResponse:
    return problem(request, 422, "too_long", str(error))


def _http(request: HttpRequest, error: HttpError) -> HttpResponse:
    """Answer with the error's status; django-ninja says of everything that reading a body raises that it is a 400."""
    if isinstance(error.__cause__, UnboundedError):
        return _unbounded(request, error.__cause__)
    return problem(request, error.status_code, detail=error.message)


def _refused(request: HttpRequest, error: RefusedError) -> HttpResponse:
    return problem(request, 422, "refused", _("This is not possible now."), [told(one) for one in error.refusals])


def _key_reused(request: HttpRequest, _error: Exception) -> HttpResponse:
    said = _("This Idempotency-Key was already used for a different request.")
    fault = Fault(field="Idempotency-Key", reason=said)
    return problem(request, 422, "key_reused", said, [fault])


def _provider_away(request: HttpRequest, error: Exception) -> HttpResponse:
    logger.warning("provider_unreachable: %s", error)
    said = _("The identity provider does not answer, so nobody can be authenticated. Try again in a moment.")
    response = problem(request, 503, "provider_away", said)
    response["Retry-After"] = "10"
    return response


def _vault_closed(request: HttpRequest, error: Exception) -> HttpResponse:
    logger.critical("vault_unreadable: %s", error)
    said = _("Meshdeck can't decrypt its vault. No data is lost: an operator has to restore a missing key.")
    return problem(request, 503, "vault_closed", said)


def _raise(_request: HttpRequest, error: Exception) -> HttpResponse:
    """Raise it again: Django logs it and answers 500, which the middleware turns into a problem."""
    raise error
