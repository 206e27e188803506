"""Pages for logins that failed: what happened, why, and what to do."""

from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from structlog.contextvars import get_contextvars

from portal.identity.addresses import login_to, step_up_to


def provider_name() -> str:
    """Return the provider's name on pages: the host in its URL."""
    return urlsplit(settings.OIDC_ISSUER).netloc


def provider_away(request: HttpRequest, target: str) -> HttpResponse:
    """Say that the provider is down, slow or answers garbage."""
    return _trouble(
        request,
        503,
        _("%(provider)s is not answering"),
        _("Meshdeck uses it to log people in, so nobody can log in at the moment. Existing sessions are not affected."),
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
        _("This isn't available at the moment"),
        _("Meshdeck could not get a token for you: %(provider)s or a part of Meshdeck is not answering. Try again."),
    )


def not_this_login(request: HttpRequest) -> HttpResponse:
    """Say that this browser did not begin this login lately, or has already completed it."""
    if request.user.is_authenticated:
        return _trouble(
            request,
            400,
            _("This login has already been used"),
            _("You are logged in as %(user)s.") % {"user": request.user.get_username()},
            action=_("My projects"),
            url="/",
        )
    return _trouble(
        request,
        400,
        _("This login is no longer valid"),
        _("It has already been used, took longer than 10 minutes, or began in another browser. You are not logged in."),
        action=_("Log in"),
        url=login_to("/"),
    )


def not_this_token(request: HttpRequest) -> HttpResponse:
    """Say what `not_this_login` says, for an offline token."""
    return _trouble(
        request,
        400,
        _("No offline token was created"),
        _("This response was already used, took longer than 10 minutes, or is for another browser. Start again."),
        action=_("My projects"),
        url="/",
    )


def no_token(request: HttpRequest, why: str, back: str) -> HttpResponse:
    """Say that the provider issued no offline token; `why` is from `OfflineRefused`, or an OAuth error code."""
    texts = {
        "left_out": _(
            "%(provider)s did not grant the command line an offline token. Keep all permissions selected when it asks "
            "you, or ask its operator whether you may have offline tokens."
        ),
        "somebody_else": _("You are logged in at %(provider)s as a different user. Log out there, then start again."),
        "not_spent": _(
            "%(provider)s does not rotate refresh tokens, so Meshdeck's copy would stay valid. Meshdeck does not keep "
            "such tokens. The operator of %(provider)s can enable rotation."
        ),
        "access_denied": _("You cancelled at %(provider)s. No token was created."),
    }
    texts["not_allowed"] = texts["left_out"]  # Keycloak's code
    known = why if why.isascii() and why.replace("_", "").isalpha() and len(why) <= 60 else _("none given")
    text = texts.get(why) or _("The provider's error code: %(error)s.") % {"error": known}
    status = 403 if why in texts else 400
    return _trouble(request, status, _("No offline token was created"), text, action=_("CLI access"), url=back)


def not_revoked(request: HttpRequest, back: str) -> HttpResponse:
    """Say that the provider did not accept the revocation."""
    return _trouble(
        request,
        503,
        _("The token still works"),
        _("%(provider)s did not revoke it. Try again, or revoke it in your account there."),
        action=_("Back"),
        url=back,
    )


def not_trusted(request: HttpRequest, target: str) -> HttpResponse:
    """Say that the provider's response failed a check; the log says which."""
    return _trouble(
        request,
        400,
        _("This login can't be trusted"),
        _("The response from %(provider)s failed a security check, so you were not logged in."),
        hint=_("Log in again. If this happens again, give your operator the request ID."),
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
            _("The login code was already used, has expired, or was altered in transit. You were not logged in."),
            action=_("Log in again"),
            url=login_to(target),
        )
    return _trouble(
        request,
        503,
        _("%(provider)s does not accept this Meshdeck"),
        _("Nobody can log in until an operator fixes MESHDECK_OIDC_CLIENT_ID and MESHDECK_OIDC_CLIENT_SECRET."),
        hint=_("The provider's error code: %(error)s.") % {"error": error},
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
            _("You cancelled at %(provider)s, or it does not allow you to use Meshdeck."),
            action=_("Log in"),
            url=login_to(target),
        )
    known = error if error.isascii() and error.replace("_", "").isalpha() and len(error) <= 60 else _("none given")
    return _trouble(
        request,
        400,
        _("%(provider)s did not log you in"),
        _("The provider's error code: %(error)s.") % {"error": known},
        hint=_("Log in again. If this happens again, give your operator the request ID."),
        action=_("Log in again"),
        url=login_to(target),
    )


def too_weak(request: HttpRequest, lacking: set[str], target: str, *, sent: bool = False) -> HttpResponse:
    """Say that the login is not enough for /operator/, and why. `sent`: a form came, which was not carried out."""
    texts = []
    if sent:
        texts.append(_("Your request was not carried out."))
    if "factor" in lacking:
        wanted = ", ".join([*settings.OPERATOR_ACR, *settings.OPERATOR_AMR])
        said = _(
            "The administration requires a login with a second factor, and %(provider)s did not confirm one "
            "(%(wanted)s)."
        )
        texts.append(said % {"provider": provider_name(), "wanted": wanted})
    if "age" in lacking:
        minutes = settings.OPERATOR_MAX_AGE // 60
        said = ngettext(
            "The administration requires a login of the last %(n)d minute.",
            "The administration requires a login of the last %(n)d minutes.",
            minutes,
        )
        texts.append(said % {"n": minutes})
    return _trouble(
        request,
        403,
        _("This needs a stronger login"),
        " ".join(texts),
        hint=_("You stay logged in for everything else. Set up a second factor at %(provider)s if you have none.")
        % {"provider": provider_name()},
        action=_("Log in again"),
        url=step_up_to(target),
    )


def switched_off(request: HttpRequest) -> HttpResponse:
    """Say that the operator has deactivated this person."""
    return _trouble(
        request,
        403,
        _("Your account is disabled here"),
        _("You are known at %(provider)s, but an operator of this Meshdeck has disabled your account. Ask them."),
    )


def session_ended(request: HttpRequest, came_from: str) -> HttpResponse:
    """Say that a form was sent without a login."""
    return _trouble(
        request,
        401,
        _("Your session has ended"),
        _("Your request was not carried out. Log in, then send it again."),
        action=_("Log in"),
        url=login_to(came_from),
    )


def vault_closed(request: HttpRequest) -> HttpResponse:
    """Say that none of the vault's keys fits."""
    return _trouble(
        request,
        503,
        _("Meshdeck can't decrypt its vault"),
        _("No data is lost. An operator has to restore a missing key in MESHDECK_VAULT_KEYS."),
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
