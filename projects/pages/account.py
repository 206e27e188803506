"""The person's own page: who they are, and everything that is logged in as them.

GET   account/                            both
POST  account/logins/<id>/end/            ends another login
POST  account/logins/end-others/          ends all but this one, command lines too
POST  account/command-lines/<id>/end/     ends a command line's login
"""

from uuid import UUID

import structlog
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from portal.identity import own_logins, pages, sessions
from portal.identity.errors import ProviderRefused, ProviderUnreachable, VaultKeyError
from portal.ui.shell import Crumb
from projects import access
from projects.pages import frame

log = structlog.get_logger(__name__)


@require_safe
@login_required
def show(request: HttpRequest) -> HttpResponse:
    """Show the page."""
    user = access.person(request)
    here = sessions.grant_of(request)
    spots = frame.spots_of(user)
    grants = sorted(own_logins.grants(user), key=lambda grant: grant.pk != here)  # this one first
    command_lines = own_logins.command_lines(user)
    context = {
        "shell": frame.site_shell(user, spots, active="", crumbs=[Crumb(_("All projects"), "/"), Crumb(_("You"))]),
        "person": user,
        "provider": pages.provider_name(),
        "facts": [
            {"label": _("User name"), "value": user.username},
            {"label": _("E-mail"), "value": user.email},
            {"label": _("Projects"), "value": ", ".join(sorted({spot.project for spot in spots}))},
            {"label": _("Subject ID"), "chip": user.subject},
        ],
        "logins": [{"grant": grant, "here": grant.pk == here} for grant in grants],
        "command_lines": command_lines,
        "others": sum(grant.pk != here for grant in grants) + len(command_lines),
    }
    return render(request, "projects/account.html", context)


@require_POST
@login_required
def end_login(request: HttpRequest, pk: UUID) -> HttpResponse:
    """End another login of the person; 404 for this one, ended ones and those of others."""
    try:
        found = own_logins.end(access.person(request), pk, sessions.grant_of(request))
    except VaultKeyError as error:
        return _vault_closed(request, error)
    if not found:
        raise Http404
    return HttpResponseRedirect(reverse("account"))


@require_POST
@login_required
def end_others(request: HttpRequest) -> HttpResponse:
    """End all logins but this one. 503 if the provider kept a command line's, which is said."""
    try:
        left = own_logins.end_others(access.person(request), sessions.grant_of(request))
    except VaultKeyError as error:
        return _vault_closed(request, error)
    return pages.not_revoked(request, reverse("account")) if left else HttpResponseRedirect(reverse("account"))


@require_POST
@login_required
def end_command_line(request: HttpRequest, pk: UUID) -> HttpResponse:
    """End a command line's login; 404 for ended ones and those of others."""
    try:
        found = own_logins.end_command_line(access.person(request), pk)
    except (ProviderRefused, ProviderUnreachable) as error:
        log.warning("offline_token_not_revoked", error=type(error).__name__)
        return pages.not_revoked(request, reverse("account"))
    except VaultKeyError as error:
        return _vault_closed(request, error)
    if not found:
        raise Http404
    return HttpResponseRedirect(reverse("account"))


def _vault_closed(request: HttpRequest, error: VaultKeyError) -> HttpResponse:
    log.critical("vault_unreadable", error=str(error))
    return pages.vault_closed(request)
