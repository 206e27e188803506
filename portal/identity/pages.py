"""Pages for logins that failed: what happened, why, and what to do."""

from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from structlog.contextvars import get_contextvars

from portal.identity.addresses import login_to


def provider_name() -> str:
    """Return the provider's name on pages: the host in its URL."""
    return urlsplit(settings.OIDC_ISSUER).netloc


def provider_away(request: HttpRequest, target: str) -> HttpResponse:
    """Say that the provider is down, slow or answers garbage."""
    return _trouble(
        request,
        503,
        _("%(provider)s is not answering"),
        _("Meshdeck knows you by it, so nobody can log in at the moment. Who is logged in stays so."),
        action=_("Try again"),
        url=login_to(target),
    )


def cache_away(request: HttpRequest) -> HttpResponse:
    """Say that Redis, which remembers used logins, can't be reached."""
    return _trouble(
        request,
        503,
        _("Nobody can log in at the moment"),
        _("A part of Meshdeck is not answering. Nothing is wrong with your account. Try again in a minute."),
        action=_("Try again"),
        url=login_to("/"),
    )


def not_now(request: HttpRequest) -> HttpResponse:
    """Say that a token is not available now, to a person who stays logged in."""
    return _trouble(
        request,
        503,
        _("This can't be made at the moment"),
        _("Meshdeck could not get a token for you: %(provider)s or a part of Meshdeck is not answering. Try again."),
    )


def not_this_login(request: HttpRequest) -> HttpResponse:
    """Say that this browser did not begin this login lately, or has already completed it."""
    if request.user.is_authenticated:
        return _trouble(
            request,
            400,
            _("This login was used already"),
            _("You are logged in as %(user)s.") % {"user": request.user.get_username()},
            action=_("My projects"),
            url="/",
        )
    return _trouble(
        request,
        400,
        _("This login is not valid any more"),
        _("It was used already, took longer than 10 minutes, or began in another browser. Nobody was logged in."),
        action=_("Log in"),
        url=login_to("/"),
    )


def not_this_token(request: HttpRequest) -> HttpResponse:
    """Say what `not_this_login` says, for an offline token."""
    return _trouble(
        request,
        400,
        _("No offline token was made"),
        _("This answer was used already, took longer than 10 minutes, or is for another browser. Begin again."),
        action=_("My projects"),
        url="/",
    )


def no_token(request: HttpRequest, why: str, back: str) -> HttpResponse:
    """Say that the provider issued no offline token; `why` is from `OfflineRefused`, or an OAuth error code."""
    texts = {
        "left_out": _(
            "%(provider)s did not let the command line stay logged in. Leave everything ticked when it asks you, or "
            "ask its operator whether you may have offline tokens."
        ),
        "somebody_else": _(
            "You are logged in at %(provider)s as somebody else. Log out there first, then begin again."
        ),
        "not_spent": _(
            "%(provider)s does not change refresh tokens when they are used, so a copy here would work too. We do not "
            "keep such a thing. Its operator can switch their rotation on."
        ),
        "access_denied": _("You stopped at %(provider)s. Nothing was made."),
    }
    texts["not_allowed"] = texts["left_out"]  # Keycloak's code
    known = why if why.isascii() and why.replace("_", "").isalpha() and len(why) <= 60 else _("none given")
    text = texts.get(why) or _("The provider's word for it: %(error)s.") % {"error": known}
    status = 403 if why in texts else 400
    return _trouble(request, status, _("No offline token was made"), text, action=_("CLI access"), url=back)


def not_revoked(request: HttpRequest, back: str) -> HttpResponse:
    """Say that the provider did not accept the revocation."""
    return _trouble(
        request,
        503,
        _("The token still works"),
        _("%(provider)s did not end it, so it was not revoked. Try again, or end it in your account there."),
        action=_("Back"),
        url=back,
    )


def not_trusted(request: HttpRequest, target: str) -> HttpResponse:
    """Say that the provider's response failed a check; the log says which."""
    return _trouble(
        request,
        400,
        _("This login can't be trusted"),
        _("What %(provider)s sent did not pass a check, so nobody was logged in."),
        hint=_("Log in again. If it stays so, give an operator the number of the request."),
        action=_("Log in again"),
        url=login_to(target),
    )


def code_refused(request: HttpRequest, error: str, target: str) -> HttpResponse:
    """Say that the token endpoint refused this code, or the portal altogether."""
    if error in ("invalid_grant", "invalid_request"):
        return _trouble(
            request,
            400,
            _("%(provider)s did not accept this login"),
            _("Its answer was used already, has expired, or was changed on the way. Nobody was logged in."),
            action=_("Log in again"),
            url=login_to(target),
        )
    return _trouble(
        request,
        503,
        _("%(provider)s does not accept this Meshdeck"),
        _("Nobody can log in until an operator mends it: MESHDECK_OIDC_CLIENT_ID and MESHDECK_OIDC_CLIENT_SECRET."),
        hint=_("The provider's word for it: %(error)s.") % {"error": error},
        action=_("Try again"),
        url=login_to(target),
    )


def provider_said_no(request: HttpRequest, error: str, target: str) -> HttpResponse:
    """Explain an error response instead of a code (RFC 6749, section 4.1.2.1; OpenID Connect Core, section 3.1.2.6)."""
    if error in ("server_error", "temporarily_unavailable"):
        return provider_away(request, target)
    if error == "access_denied":
        return _trouble(
            request,
            403,
            _("You were not logged in"),
            _("You stopped at %(provider)s, or it does not let you in to Meshdeck."),
            action=_("Log in"),
            url=login_to(target),
        )
    known = error if error.isascii() and error.replace("_", "").isalpha() and len(error) <= 60 else _("none given")
    return _trouble(
        request,
        400,
        _("%(provider)s did not log you in"),
        _("The provider's word for it: %(error)s.") % {"error": known},
        hint=_("Log in again. If it stays so, give an operator the number of the request."),
        action=_("Log in again"),
        url=login_to(target),
    )


def switched_off(request: HttpRequest) -> HttpResponse:
    """Say that the operator has deactivated this person."""
    return _trouble(
        request,
        403,
        _("Your account is switched off here"),
        _("%(provider)s knows you, but an operator of this Meshdeck has switched your account off. Ask them."),
    )


def session_ended(request: HttpRequest, came_from: str) -> HttpResponse:
    """Say that a form was sent without a login."""
    return _trouble(
        request,
        401,
        _("Your session has ended"),
        _("What you sent was not carried out. Log in, then send it again."),
        action=_("Log in"),
        url=login_to(came_from),
    )


def vault_closed(request: HttpRequest) -> HttpResponse:
    """Say that none of the vault's keys fits."""
    return _trouble(
        request,
        503,
        _("Meshdeck can't open its vault"),
        _("Nothing is lost. An operator has to put a missing key back into MESHDECK_VAULT_KEYS."),
    )


def _trouble(
    request: HttpRequest, status: int, title: str, text: str, *, hint: str = "", action: str = "", url: str = ""
) -> HttpResponse:
    """Render the page, with the id under which an operator finds it in the log. `%(provider)s` is filled in."""
    name = {"provider": provider_name()}
    context = {
        "title": title % name if "%(provider)s" in title else title,
        "text": text % name if "%(provider)s" in text else text,
        "hint": hint,
        "action": action,
        "url": url,
        "role": "bad" if status >= 500 else "warn",
        "request_id": get_contextvars().get("request_id", ""),
    }
    response = render(request, "identity/trouble.html", context, status=status)
    response["Cache-Control"] = "no-store"
    return response
