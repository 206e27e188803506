"""Offline tokens on the page CLI access: asked for, handed over once, listed, revoked.

GET   cli/offline/new/           to the identity provider, which asks for consent and leads back to
GET   cli/offline/<id>/          the page on which the download begins by itself
POST  cli/offline/<id>/files/    the token, once: `kind` as a file, or with kind=all both files as JSON
GET   cli/offline/<id>/revoke/   what it means
POST  cli/offline/<id>/revoke/   does it
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import structlog
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from redis.exceptions import RedisError

from portal import rates
from portal.identity import envelope, offline, pages, sessions
from portal.identity.errors import ProviderRefused, ProviderUnreachable, VaultKeyError
from portal.identity.models import OfflineToken
from portal.ui import errors
from portal.ui.shell import Crumb, Shell
from projects import access
from projects.access import Visit
from projects.converters import Handle
from projects.pages import frame
from services.cli_access import places
from services.cli_access.description import Issued, Login
from services.cli_access.formats import FORMATS
from services.cli_access.pages import files
from services.cli_access.ways import WAYS

log = structlog.get_logger(__name__)

_WAY = WAYS["offline"]
_MOST, _SECONDS = 20, 60


@dataclass(frozen=True, slots=True)
class Line:
    """One of the person's tokens as it is drawn. `revoke_url` is empty where there is nothing to end."""

    row: OfflineToken
    role: str
    word: str
    revoke_url: str


@require_safe
@login_required
def start(request: HttpRequest, handle: Handle) -> HttpResponse:
    """To the provider; `?as=` is the kind of file that is wanted."""
    visit = access.enter(request, handle)
    kind = request.GET.get("as", "sh")
    if kind not in _WAY.only or _WAY.against(places.place_of(visit), places.provider()):
        raise Http404
    here = reverse("cli", args=[visit.tenant.handle])
    try:
        return offline.ask(request, visit.tenant.handle, f"{here}offline/?as={kind}")
    except ProviderUnreachable:
        return pages.not_now(request)


@require_safe
@login_required
def show(request: HttpRequest, handle: Handle, pk: UUID) -> HttpResponse:
    """Hands the file over, to the browser that asked for it."""
    visit = access.enter(request, handle)
    row = _own(visit, pk)
    kind = request.GET.get("as", "sh")
    shown = kind if kind in _WAY.only else "sh"
    try:
        ready = offline.can_be_taken(row, sessions.grant_of(request))
    except RedisError:
        return pages.not_now(request)
    login = _login(visit, row)
    one = FORMATS[shown]
    context = {
        "shell": _shell(visit, _("Download")),
        "tenant": visit.tenant,
        "row": row,
        "ready": ready,
        "shown": shown,
        "file": one.file_name(login.place),
        "files": [
            {"kind": key, "name": each.file_name(login.place), "text": each.text, "icon": each.icon, "on": key == shown}
            for key, each in FORMATS.items()
            if key in _WAY.only
        ],
        "use": "\n".join([*one.commands(login), "openstack server list"]),
        "take_url": reverse("cli-offline-files", args=[visit.tenant.handle, row.pk]),
        "revoke_url": reverse("cli-offline-revoke", args=[visit.tenant.handle, row.pk]),
        "list_url": _list(visit),
        "again_url": f"{reverse('cli-offline-new', args=[visit.tenant.handle])}?as={shown}",
        "seconds": int(envelope.LASTS.total_seconds()),
    }
    response = render(request, "cli_access/offline_made.html", context)
    response["Cache-Control"] = "private, no-store"
    return response


@require_POST
@login_required
def take(request: HttpRequest, handle: Handle, pk: UUID) -> HttpResponse:
    """Give the token in its file to the browser that asked, once. 409 when it is not there, or not any more."""
    visit = access.enter(request, handle)
    row, kind = _own(visit, pk), request.POST.get("kind", "")
    if kind != "all" and kind not in _WAY.only:
        raise Http404
    try:
        if wait := rates.wait_for(f"offline-token:{visit.user.pk}", _MOST, _SECONDS):
            return errors.too_many(request, wait)
        if _WAY.against(places.place_of(visit), places.provider()):
            return pages.not_now(request)  # nothing is taken: the file would not know where to renew itself
        token = offline.take(row, sessions.grant_of(request))
    except RedisError:
        return pages.not_now(request)
    except VaultKeyError as error:
        log.critical("vault_unreadable", error=str(error))
        return pages.vault_closed(request)
    if token is None:
        return _nothing(request, visit, row)
    login = _login(visit, row, token)
    if kind != "all":
        return files.answer(FORMATS[kind].render(login), FORMATS[kind].file_name(login.place), _type(kind))
    found = {
        key: {"name": FORMATS[key].file_name(login.place), "type": _type(key), "text": FORMATS[key].render(login)}
        for key in _WAY.only
    }
    response = JsonResponse(found)
    response["Cache-Control"] = "private, no-store"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def revoke(request: HttpRequest, handle: Handle, pk: UUID) -> HttpResponse:
    """Say what it means to revoke one, whatever it was made for; with POST revoke it."""
    visit = access.enter(request, handle)
    row = OfflineToken.objects.filter(user=visit.user, pk=pk).first()
    if row is None:
        raise Http404
    if request.method == "POST":
        try:
            offline.revoke(row)
        except (ProviderUnreachable, ProviderRefused) as error:
            log.warning("offline_token_not_revoked", number=row.number, error=str(error))
            return pages.not_revoked(request, _list(visit))
        except VaultKeyError as error:
            log.critical("vault_unreadable", error=str(error))
            return pages.vault_closed(request)
        return HttpResponseRedirect(_list(visit))
    if row.ended_at is not None:
        return HttpResponseRedirect(_list(visit))
    context = {
        "shell": _shell(visit, _("Revoke")),
        "row": row,
        "lost": [
            {
                "text": _("The file with the number %(number)s, and all copies of it") % {"number": row.number},
                "small": _("A shell that has fetched an access token before keeps it until that ends, within minutes."),
            }
        ],
        "kept": [
            {
                "text": _("Your other offline tokens, your login here and your service users"),
                "small": _("Unless the identity provider ends all of this program's at once, as Keycloak does."),
            }
        ],
        "list_url": _list(visit),
    }
    return render(request, "cli_access/offline_revoke.html", context)


_STATES = {
    "": ("bad", gettext_lazy("not downloaded")),
    OfflineToken.End.REVOKED: ("off", gettext_lazy("revoked")),
    OfflineToken.End.NOT_TAKEN: ("off", gettext_lazy("not downloaded, ended")),
}


def listed(visit: Visit) -> Sequence[Line]:
    """All of the person's, whatever they are for; ended ones too, for as long as they are kept."""
    return [_line(visit, row) for row in OfflineToken.objects.filter(user=visit.user)]


def _line(visit: Visit, row: OfflineToken) -> Line:
    role, word = _STATES[row.end_reason]
    if row.ended_at is None and row.taken_at is not None:
        role, word = "ok", gettext_lazy("handed over")
    elif row.ended_at is None and row.ready_until and row.ready_until > datetime.now(UTC):
        role, word = "work", gettext_lazy("ready to download")
    url = reverse("cli-offline-revoke", args=[visit.tenant.handle, row.pk]) if row.ended_at is None else ""
    return Line(row, role, str(word), url)


def _own(visit: Visit, pk: UUID) -> OfflineToken:
    row = OfflineToken.objects.filter(user=visit.user, about=visit.tenant.handle, pk=pk).first()
    if row is None:
        raise Http404
    return row


def _login(visit: Visit, row: OfflineToken, token: str = "") -> Login:
    place = replace(places.place_of(visit), machine=row.number)
    provider = replace(places.provider(), client_id=row.client_id)  # only that one renews it
    issued = Issued(token, row.made_at) if token else None
    return _WAY.login(place, provider, visit.user.username, issued)


def _shell(visit: Visit, here: str) -> Shell:
    crumbs = [Crumb(_("CLI access"), _list(visit)), Crumb(here)]
    return frame.tenant_shell(visit, frame.spots_of(visit.user), active="cli", crumbs=crumbs, stamp=None)


def _list(visit: Visit) -> str:
    return f"{reverse('cli', args=[visit.tenant.handle])}?way={_WAY.key}"


def _type(kind: str) -> str:
    return FORMATS[kind].content_type


def _nothing(request: HttpRequest, visit: Visit, row: OfflineToken) -> HttpResponse:
    said = _("The token is not here, or not any more: it is handed over once, within two minutes, to who asked.")
    context: dict[str, Any] = {
        "shell": _shell(visit, _("Not possible now")),
        "tenant": visit.tenant,
        "title": _("Offline token %(number)s") % {"number": row.number},
        "refusals": [{"text": said, "ways": []}],
        "back": _list(visit),
    }
    response = render(request, "projects/refused.html", context, status=409)
    response["Cache-Control"] = "private, no-store"
    return response
