"""The pages that change one server: rename, resize, save as image, reboot, delete."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from portal.ui import formats
from projects import access
from projects.access import Visit
from projects.actions import ACTIONS
from projects.converters import Handle
from projects.forms.base import ActionForm
from projects.models import Tenant
from projects.outcomes import Refusal
from projects.pages import acting
from projects.pages.acting import FormPage
from projects.pages.action_pages import form_view
from services.block_storage.models import Volume
from services.compute.models import Server
from services.compute.servers import buttons as server_actions
from services.compute.servers.one_server import OneServer
from services.compute.servers.server_forms import (
    CreateImageForm,
    DeleteServerForm,
    RebootServerForm,
    RenameServerForm,
    ResizeServerForm,
)
from services.network.models import FloatingIP

CONFIRM = "projects/action_confirm.html"


def server_of(request: HttpRequest, handle: Handle, external_id: str, form: type[ActionForm]) -> tuple[Visit, Server]:
    """The server that a form is about. 404 for strangers and for what is not there, 403 for readers."""
    visit = access.enter(request, handle)
    acting.demand(visit, ACTIONS[form.action])
    server = Server.objects.filter(tenant=visit.tenant, external_id=external_id).first()
    if server is None:
        raise Http404
    server.tenant = visit.tenant
    return visit, server


def show(
    request: HttpRequest,
    handle: Handle,
    external_id: str,
    form: type[ActionForm],
    words: dict[str, str],
    template: str = "projects/action_form.html",
    **how: Any,
) -> HttpResponse:
    """The form about a server, which leads back to its page; or at once why it can't be now."""
    visit, server = server_of(request, handle, external_id, form)
    said = {key: text % {"server": server} for key, text in words.items()}
    verb, page = ACTIONS[form.action], server_actions.page_of(visit.tenant.handle, server)
    params = verb.params.model_construct(server_id=external_id, **how.pop("params", {}))
    why = verb.why_not(server, params) if isinstance(verb, OneServer) else ""
    if why and request.method != "POST":
        return acting.refused(request, visit, said["title"], [Refusal("", why)], page)
    after = f"/{visit.tenant.handle}/servers/" if form.action == "delete-server" else page
    context = how.pop("context", lambda _server: {})(server)
    return acting.show(
        request,
        access.enter(request, handle),
        FormPage(
            form=form,
            title=said["title"],
            text=said["text"],
            key="servers",
            crumb=(str(server), f"servers/{external_id}/"),
            template=template,
            button=lambda _form: said["button"],
            context=lambda _request, _form: context,
            after=lambda _visit, _form: after,
        ),
        thing=server,
    )


@form_view
def rename(request: HttpRequest, handle: Handle, external_id: str) -> HttpResponse:
    """A server's name."""
    words = {
        "title": _("Rename %(server)s"),
        "text": _("What it is called here. Its host name inside stays, and nothing that uses it notices."),
        "button": _("Rename"),
    }
    return show(request, handle, external_id, RenameServerForm, words)


@form_view
def resize(request: HttpRequest, handle: Handle, external_id: str) -> HttpResponse:
    """A server's flavor."""
    words = {
        "title": _("Resize %(server)s"),
        "text": _("It is shut down, moved and started again. Then you see whether all works, and confirm or revert."),
        "button": _("Resize"),
    }
    return show(request, handle, external_id, ResizeServerForm, words, "projects/server_resize.html")


@form_view
def snapshot(request: HttpRequest, handle: Handle, external_id: str) -> HttpResponse:
    """A server saved as an image."""
    words = {
        "title": _("Take a snapshot of %(server)s"),
        "text": _("Saves its disk as an image, from which new servers can be made."),
        "button": _("Take snapshot"),
    }
    return show(request, handle, external_id, CreateImageForm, words)


@form_view
def reboot(request: HttpRequest, handle: Handle, external_id: str) -> HttpResponse:
    """A server starts anew, softly or hard."""
    words = {
        "title": _("Reboot %(server)s"),
        "text": _("Who is connected to it loses the connection, and it answers again when it has started."),
        "button": _("Reboot"),
    }
    return show(request, handle, external_id, RebootServerForm, words, params={"kind": "hard"})


@form_view
def delete(request: HttpRequest, handle: Handle, external_id: str) -> HttpResponse:
    """The end of a server."""
    words = {
        "title": _("Delete %(server)s"),
        "text": _("In %(place)s.") % {"place": f"{handle.project} @ {handle.location}"},
        "button": _("Delete %(server)s"),
    }
    return show(request, handle, external_id, DeleteServerForm, words, CONFIRM, context=_ends)


def _ends(server: Server) -> dict[str, Any]:
    """What is lost with a server, and what is kept."""
    tenant = server.tenant
    lost = [{"text": str(server), "small": _sizes(server)}]
    if server.image_id:
        lost.append({"text": _("Its own disk"), "small": _("%(n)s GB, with all that is on it") % {"n": server.disk_gb}})
    kept = []
    volumes = {one.external_id: one for one in _volumes(tenant, server)}
    for one in server.volumes:
        volume = volumes.get(one["id"])
        size = str(formats.gibibytes(volume.size_gb)) if volume else ""
        if one.get("delete_on_termination"):
            said = _("%(size)s, deleted with the server") % {"size": size} if size else _("Deleted with the server")
            lost.append({"text": _("Volume %(name)s") % {"name": volume or one["id"]}, "small": said})
        else:
            said = _("%(size)s, is detached") % {"size": size} if size else _("Is detached")
            kept.append({"text": _("Volume %(name)s") % {"name": volume or one["id"]}, "small": said})
    for address in FloatingIP.objects.filter(tenant=tenant, server_id=server.external_id):
        said = _("Stays the project's, unless you release it")
        kept.append({"text": _("Floating IP %(address)s") % {"address": address.address}, "small": said})
    return {"lost": lost, "kept": kept, "icon": "trash-2", "foot_note": _("There is no undo.")}


def _volumes(tenant: Tenant, server: Server) -> list[Volume]:
    return list(Volume.objects.filter(tenant=tenant, external_id__in=[one["id"] for one in server.volumes]))


def _sizes(server: Server) -> str:
    said = [server.flavor_name]
    if server.created_at is not None:
        words = {"time": formats.moment(server.created_at), "age": formats.age(server.created_at)}
        said.append(_("made %(time)s, %(age)s ago") % words)
    return ", ".join(one for one in said if one)
