"""One operation: its page, its drawer, and what may be done with it: cancel, try again, undo."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from portal.identity import sessions
from portal.ui.shell import Crumb
from projects import access, freshness
from projects.access import Visit
from projects.actions.base import Action, Params
from projects.converters import Handle
from projects.models import Operation
from projects.operations import again, asking
from projects.operations.again import UNDONE
from projects.operations.asking import RefusedError
from projects.pages import acting, frame, live
from projects.pages import sentences as telling
from projects.pages.operation_view import Seen, address, view_of


@require_safe
@login_required
def show(request: HttpRequest, handle: Handle, operation_id: str) -> HttpResponse:
    """Return the page of an operation, or with `?drawer=1` what the drawer beside another page shows."""
    visit = access.enter(request, handle)
    operation = _one(visit, operation_id)
    drawer = "drawer" in request.GET
    version = f"{live.version_of(visit.tenant)}.{operation.state}"
    if not drawer:
        freshness.look_at(visit.tenant, sessions.grant_of(request))
        # While it runs its seconds do, so that there is always something new.
        if not operation.is_open and (quiet := live.unchanged(request, version, None, busy=visit.busy)):
            return quiet
    seen = Seen(
        visit,
        operation,
        list(operation.targets.order_by("pk")),
        operation.retries.first(),
        operation.undos.filter(state__in=UNDONE).first(),
        _from(request) if drawer else request.path,
    )
    view = view_of(seen)
    if drawer:
        response = render(request, "components/drawer.html", {"op": view})
        response["Cache-Control"] = "private, no-store"
        return response
    crumbs = [Crumb(_("Operations"), f"/{visit.tenant.handle}/operations/"), Crumb(view.title)]
    shell = frame.tenant_shell(visit, frame.spots_of(visit.user), active="operations", crumbs=crumbs, stamp=None)
    shell.version = version
    shell.busy = visit.busy or operation.is_open
    context = {"shell": shell, "tenant": visit.tenant, "op": view}
    return live.stamped(render(request, "projects/operation.html", context), version, None, busy=shell.busy)


@require_POST
@login_required
def cancel(request: HttpRequest, handle: Handle, operation_id: str) -> HttpResponse:
    """Stop it. One that has ended meanwhile is shown as it is."""
    visit = access.enter(request, handle)
    operation = _one(visit, operation_id)
    asking.cancel(visit, operation)
    return _back(request, visit, operation)


@require_POST
@login_required
def retry(request: HttpRequest, handle: Handle, operation_id: str) -> HttpResponse:
    """Asks for the same once more: a new operation. 422 with the reasons where that is not possible."""
    visit = access.enter(request, handle)
    operation = _one(visit, operation_id)
    _demand(visit, again.known(operation))
    try:
        newer = again.retry(visit, sessions.grant_of(request), operation)
    except RefusedError as refused:
        return _refuse(request, visit, _("Try again: %(title)s"), operation, refused)
    return _back(request, visit, newer, instead_of=operation)


@require_POST
@login_required
def undo(request: HttpRequest, handle: Handle, operation_id: str) -> HttpResponse:
    """Take it back by its opposite: a new operation. 422 with the reasons where that is not possible."""
    visit = access.enter(request, handle)
    operation = _one(visit, operation_id)
    _demand(visit, again.undoing(operation))
    try:
        newer = again.undo(visit, sessions.grant_of(request), operation)
    except RefusedError as refused:
        return _refuse(request, visit, _("Undo: %(title)s"), operation, refused)
    return _back(request, visit, newer, instead_of=operation)


def _one(visit: Visit, operation_id: str) -> Operation:
    """404 for what is not of this tenant."""
    rows = Operation.objects.filter(tenant=visit.tenant, pk=operation_id)
    operation = rows.select_related("user", "cancelled_by", "undo_of").first()
    if operation is None:
        raise Http404
    return operation


def _demand(visit: Visit, wanted: tuple[Action[Any], Params] | None) -> None:
    """403 for whose role does not allow it; for readers also where there is nothing to do."""
    if not (asking.may(visit.role, wanted[0]) if wanted else asking.may_change(visit.role)):
        raise PermissionDenied(asking.not_allowed(visit))


def _refuse(request: HttpRequest, visit: Visit, said: str, operation: Operation, refused: RefusedError) -> HttpResponse:
    title = said % {"title": telling.title_of(operation)}
    return acting.refused(request, visit, title, refused.refusals, address(visit.tenant.handle, operation.pk))


def _from(request: HttpRequest) -> str:
    """Return the page beside which the drawer is open, as live.js and drawer.js tell it."""
    return _local(request, request.headers.get("HX-Current-URL", ""))


def _local(request: HttpRequest, url: str) -> str:
    """Return the path and query of an address of ours; empty for any other."""
    own = f"{request.scheme}://{request.get_host()}"
    path = url.removeprefix(own) if url.startswith(f"{own}/") else url
    return path if url_has_allowed_host_and_scheme(path, allowed_hosts=None) else ""


def _back(
    request: HttpRequest, visit: Visit, operation: Operation, instead_of: Operation | None = None
) -> HttpResponse:
    """To the page where the button was, with the operation's drawer open; from an operation's own page to the new's."""
    own = address(visit.tenant.handle, operation.pk)
    path = _local(request, request.POST.get("next", ""))
    before = address(visit.tenant.handle, (instead_of or operation).pk)
    if not path or path.split("?")[0] == before:
        return HttpResponseRedirect(own)
    return HttpResponseRedirect(acting.with_operation(path, operation))
