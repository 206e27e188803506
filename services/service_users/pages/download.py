"""The page on which the download begins by itself, and the one answer that has the secret.

GET   made/<operation>/        how far it is; then what was made and what to do with the file
POST  made/<operation>/files/  the secret, once: `kind` as a file, or with kind=all every file as JSON, of which
                               the page keeps the text in its own memory for as long as the envelope would have lain
"""

from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from redis.exceptions import RedisError

from portal import rates
from portal.identity import sessions
from portal.ui import errors
from portal.ui.shell import Crumb
from projects import access
from projects.access import Visit
from projects.converters import Handle
from projects.models import Operation
from projects.pages import frame, live, sentences
from projects.pages.operation_view import address
from services.service_users import envelope, files, handing
from services.service_users.kind import SERVICE_USERS
from services.service_users.models import ServiceUser
from services.service_users.pages.listing import may_of
from services.service_users.rows import MAKERS

# Nobody downloads faster than this by hand.
_MOST, _SECONDS = 20, 60


@require_safe
@login_required
def show(request: HttpRequest, handle: Handle, operation_id: str) -> HttpResponse:
    """Show the page to whoever asked for it: 404 for all others."""
    visit = access.enter(request, handle)
    operation = _own(visit, operation_id)
    if "op" in request.GET:  # a form leads to the operation's drawer, of which this page says all
        return HttpResponseRedirect(f"{request.path}?{urlencode({'as': request.GET.get('as', '')})}")
    row = _row(visit, operation)
    ready = row is not None and row.is_ready() and operation.grant == sessions.grant_of(request)
    busy = operation.is_open
    version = live.version_of_all(
        [operation.pk, operation.state, operation.note, len(operation.steps), ready, row and row.taken_at]
    )
    if quiet := live.unchanged(request, version, None, busy=busy):
        return quiet
    crumbs = [Crumb(_("Service users"), SERVICE_USERS.url(visit.tenant.handle)), Crumb(_("Download"))]
    shell = frame.tenant_shell(visit, frame.spots_of(visit.user), active=SERVICE_USERS.key, crumbs=crumbs, stamp=None)
    shell.version, shell.busy = version, busy
    role, word = sentences.state_of(operation)
    context: dict[str, Any] = {
        "shell": shell,
        "tenant": visit.tenant,
        "operation": operation,
        "state": {"role": role, "word": word},
        "operation_url": address(visit.tenant.handle, operation.pk),
        "list_url": SERVICE_USERS.url(visit.tenant.handle),
        "ready": ready,
        "row": row,
        "took": sentences.took(operation),
    }
    if row is not None:
        context |= _about(visit, operation, row, request.GET.get("as", ""))
    return live.stamped(render(request, "service_users/made.html", context), version, None, busy=busy)


@require_POST
@login_required
def take(request: HttpRequest, handle: Handle, operation_id: str) -> HttpResponse:
    """Give the secret to the browser that asked, once. 409 when it is not there, or not any more."""
    visit = access.enter(request, handle)
    operation = _own(visit, operation_id)
    kind = request.POST.get("kind", "")
    row = _row(visit, operation)
    of = row.kind if row else ServiceUser.Kind.APPLICATION_CREDENTIAL
    one = files.named(of, kind)
    if kind != "all" and one is None:
        raise Http404
    try:
        if wait := rates.wait_for(f"service-user-files:{visit.user.pk}", _MOST, _SECONDS):
            return errors.too_many(request, wait)
    except RedisError:
        return _nothing(request, visit, operation)
    credential = handing.take(visit, sessions.grant_of(request), operation.pk)
    if credential is None:
        return _nothing(request, visit, operation)
    if one is None:
        found = files.files_of(credential)
        response: HttpResponse = JsonResponse(
            {key: {"name": each.name, "type": each.content_type, "text": each.text} for key, each in found.items()}
        )
    else:
        file = one.file(credential)
        response = HttpResponse(file.text.encode(), content_type=file.content_type)
        response["Content-Disposition"] = f'attachment; filename="{file.name}"'
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _own(visit: Visit, operation_id: str) -> Operation:
    mine = Operation.objects.filter(tenant=visit.tenant, user=visit.user, action__in=MAKERS, pk=operation_id)
    operation = mine.first()
    if operation is None:
        raise Http404
    operation.tenant = visit.tenant
    return operation


def _row(visit: Visit, operation: Operation) -> ServiceUser | None:
    row = ServiceUser.objects.filter(tenant=visit.tenant, owner=visit.user, operation=operation).first()
    if row is not None:
        row.tenant = visit.tenant
    return row


def _about(visit: Visit, operation: Operation, row: ServiceUser, wanted: str) -> dict[str, Any]:
    """Return what was made, its files, and how the one that is wanted is used."""
    shown = files.named(row.kind, wanted) or files.of_kind(row.kind)[0]
    return {
        "files": [
            {
                "kind": one.key,
                "name": one.name(row),
                "text": one.text,
                "icon": one.icon,
                "on": one.key == shown.key,
            }
            for one in files.of_kind(row.kind)
        ],
        "shown": shown.key,
        "file": shown.name(row),
        "use": shown.use(row),
        "ca_url": reverse("cli-ca", args=[visit.tenant.handle]) if visit.tenant.location.ca_bundle else "",
        "may": may_of(row),
        "take_url": reverse("service-user-files", args=[visit.tenant.handle, operation.pk]),
        "rotate_url": reverse("rotate-service-user", args=[visit.tenant.handle, row.external_id]),
        "seconds": int(envelope.LASTS.total_seconds()),
    }


def _nothing(request: HttpRequest, visit: Visit, operation: Operation) -> HttpResponse:
    """409: a short page with the way on; for a script the status says it all."""
    shell = frame.tenant_shell(
        visit, frame.spots_of(visit.user), active=SERVICE_USERS.key, crumbs=[Crumb(_("Not possible now"))], stamp=None
    )
    shell.version = ""
    said = _("Its secret is not here, or not any more: it is handed over once, within two minutes, to who asked.")
    context = {
        "shell": shell,
        "tenant": visit.tenant,
        "title": sentences.title_of(operation),
        "refusals": [{"text": said, "ways": []}],
        "back": reverse("service-user-made", args=[visit.tenant.handle, operation.pk]),
    }
    response = render(request, "projects/refused.html", context, status=409)
    response["Cache-Control"] = "private, no-store"
    return response
