"""Login, the callback from the provider, logout. Thin: decisions are made in the modules beside this one."""

import logging
import secrets
from typing import cast
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib import auth
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST
from redis import RedisError

from portal import refused
from portal.identity import authorization, crypto, pages, pending, sessions, strength, tokens, vault
from portal.identity.addresses import safe_target
from portal.identity.discovery import provider
from portal.identity.errors import LoginRefused, ProviderRefused, ProviderUnreachable, VaultKeyError
from portal.identity.models import EndReason, User
from portal.identity.tokens import TokenAnswer

logger = logging.getLogger(__name__)

LOGOUT_COOKIE = f"{settings.TLS_ONLY}meshdeck-logout"


@login_not_required
@never_cache
@require_GET
def login(request: HttpRequest) -> HttpResponse:
    """Send the browser to the provider. `next` is kept with this login's state, so that tabs don't mix."""
    target = safe_target(request.GET.get("next", ""))
    if request.user.is_authenticated:
        return HttpResponseRedirect(target)
    home = urlsplit(settings.BASE_URL).netloc
    if request.get_host() != home and "here" not in request.GET:
        # The provider sends the browser back to MESHDECK_BASE_URL: cookies set at another name would not come along.
        # `here` prevents a loop behind a proxy that hides the name the browser sees.
        return HttpResponseRedirect(f"{settings.BASE_URL}{request.path}?{urlencode({'next': target, 'here': 1})}")
    try:
        # A browser that is sent to a dead provider has only its own words for it.
        metadata = provider().answering()
    except ProviderUnreachable:
        return pages.provider_away(request, target)
    begun = pending.begin(target)
    response = HttpResponseRedirect(authorization.url(metadata, tokens.portal(), begun, settings.OIDC_RP_SCOPES))
    pending.keep(request, response, begun)
    return response


@never_cache
@require_GET
def step_up(request: HttpRequest) -> HttpResponse:
    """Send an operator to the provider for a login that is enough for /operator/; 404 for others."""
    if not (isinstance(request.user, User) and request.user.is_staff):
        raise Http404
    target = safe_target(request.GET.get("next", ""))
    lacking = strength.lacks(request)
    if not lacking:
        return HttpResponseRedirect(target)
    try:
        metadata = provider().answering()
    except ProviderUnreachable:
        return pages.provider_away(request, target)
    begun = pending.begin(target, step_up=True)
    more = strength.parameters(lacking)
    address = authorization.url(metadata, tokens.portal(), begun, settings.OIDC_RP_SCOPES, **more)
    response = HttpResponseRedirect(address)
    pending.keep(request, response, begun)
    return response


@login_not_required
@never_cache
@require_GET
def callback(request: HttpRequest) -> HttpResponse:
    """Handle the provider's response. Any failure gets a page; only a fully verified login succeeds."""
    state = request.GET.get("state", "")
    try:
        begun = pending.take(request, state)
    except RedisError as error:
        logger.error("login_impossible: cache %s", type(error).__name__)
        return pages.cache_away(request)
    ours = begun is not None and not begun.about
    response = _answer(request, begun) if begun and ours else pages.not_this_login(request)
    if 400 <= response.status_code < 500:
        refused.note(request, "login")
    pending.drop(response, state)
    return response


def _answer(request: HttpRequest, begun: pending.Pending) -> HttpResponse:
    try:
        authorization.check_answer(request)
        if "error" in request.GET:
            if begun.step_up and request.user.is_authenticated:
                return pages.too_weak(request, {"factor"}, begun.next)
            return pages.provider_said_no(request, request.GET["error"], begun.next)
        user = auth.authenticate(request, nonce=begun.nonce, code_verifier=begun.verifier)
        if not isinstance(user, User):
            raise LoginRefused("The provider's answer has no code.")
    except LoginRefused as error:
        logger.warning("login_refused: %s", error)
        return pages.not_trusted(request, begun.next)
    except ProviderRefused as error:
        logger.log(
            logging.ERROR if error.error == "invalid_client" else logging.WARNING, "login_refused: %s", error.error
        )
        return pages.code_refused(request, error.error, begun.next)
    except ProviderUnreachable as error:
        logger.warning("provider_unreachable: %s", error)
        return pages.provider_away(request, begun.next)
    if not user.is_active:
        logger.warning("login_refused: user %s is switched off", user.pk)
        return pages.switched_off(request)
    sessions.begin(request, user, cast(TokenAnswer, request.openid_tokens))  # type: ignore[attr-defined]
    strength.keep(request, request.openid_claims)  # type: ignore[attr-defined]
    logger.info("login: user=%s", user.pk)
    if begun.step_up and user.is_staff and (lacking := strength.lacks(request)):
        # Not back to the page, which would send the browser here again.
        logger.warning("step_up_failed: user=%s lacks=%s", user.pk, ",".join(sorted(lacking)))
        return pages.too_weak(request, lacking, begun.next)
    return HttpResponseRedirect(begun.next)


@login_not_required
@never_cache
@require_POST
def logout(request: HttpRequest) -> HttpResponse:
    """End the login here, then send the browser to the provider to end it there.

    This uses a page with a refresh rather than a redirect: browsers apply the Content-Security-Policy's form-action,
    which allows only this site, to redirects after a form.
    """
    grant = sessions.forget(request, EndReason.LOGOUT)
    auth.logout(request)
    if grant is None:
        return redirect("logged_out")
    try:
        vault.revoke(grant)
        hint = crypto.decrypt(grant.id_token.encode()).decode() if grant.id_token else ""
        end_session = provider().metadata().end_session_endpoint
    except VaultKeyError as error:
        logger.critical("vault_unreadable: %s", error)
        return redirect(f"{reverse('logged_out')}?provider=away")
    except ProviderUnreachable as error:
        logger.warning("provider_unreachable: %s", error)
        return redirect(f"{reverse('logged_out')}?provider=away")
    if not end_session:
        return redirect(f"{reverse('logged_out')}?provider=stays")
    return _on_to_the_provider(request, end_session, hint)


def _on_to_the_provider(request: HttpRequest, end_session: str, hint: str) -> HttpResponse:
    """Build the page that leads to the provider's logout (OpenID Connect RP-Initiated Logout 1.0, section 2)."""
    state = secrets.token_urlsafe(16)
    query = {
        "client_id": settings.OIDC_RP_CLIENT_ID,
        "post_logout_redirect_uri": f"{settings.BASE_URL}{reverse('logged_out')}",
        "state": state,
        **({"id_token_hint": hint} if hint else {}),
    }
    joint = "&" if urlsplit(end_session).query else "?"
    context = {"url": f"{end_session}{joint}{urlencode(query)}", "provider": pages.provider_name()}
    response = render(request, "identity/logging_out.html", context)
    response.set_cookie(
        LOGOUT_COOKIE,
        state,
        max_age=600,
        path=reverse("logged_out"),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


@login_not_required
@never_cache
@require_GET
def logged_out(request: HttpRequest) -> HttpResponse:
    """Say how far the logout went. "There too" only if the provider came back with this logout's state."""
    if request.user.is_authenticated:
        return redirect("/")
    state = request.COOKIES.get(LOGOUT_COOKIE, "")
    there = bool(state) and secrets.compare_digest(state.encode(), request.GET.get("state", "").encode())
    if there:
        title = _("You are logged out here and at %(provider)s") % {"provider": pages.provider_name()}
        text = _("Other applications that use the same login may ask you to log in again.")
    else:
        title = _("You are logged out here")
        text = {
            "away": _("%(provider)s did not answer, so you may still be logged in there."),
            "stays": _("%(provider)s does not support logging out from here, so you may still be logged in there."),
        }.get(request.GET.get("provider", ""), "") % {"provider": pages.provider_name()}
    response = render(request, "identity/logged_out.html", {"title": title, "text": text})
    response.delete_cookie(LOGOUT_COOKIE, path=reverse("logged_out"), samesite="Lax")
    return response
