"""The pages that change volumes and snapshots: create, attach, detach, extend, snapshot, go back, rename, delete."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods
from django_stubs_ext import StrOrPromise

from portal.ui import formats
from projects import access
from projects.actions import ACTIONS
from projects.converters import Handle
from projects.forms.base import ActionForm
from projects.models import Resource, Tenant
from projects.pages import acting, quotas
from projects.pages.acting import FormPage
from services.block_storage.models import Snapshot, Volume
from services.block_storage.volumes.create_volume_form import CreateVolumeForm
from services.block_storage.volumes.volume_forms import (
    CreateSnapshotForm,
    DeleteSnapshotForm,
    DeleteVolumeForm,
    DetachVolumeForm,
    EditSnapshotForm,
    EditVolumeForm,
    ExtendVolumeForm,
    RevertVolumeForm,
)
from services.compute.models import Server

R = TypeVar("R", bound=Resource)
View = Callable[..., HttpResponse]

CONFIRM = "projects/action_confirm.html"


def form_view(view: View) -> View:
    """A form's address: got and posted, by people who are logged in."""
    return require_http_methods(["GET", "HEAD", "POST"])(login_required(view))


def thing_of(request: HttpRequest, handle: Handle, model: type[R], external_id: str, form: type[ActionForm]) -> R:
    """The thing that a form is about. 404 for strangers and for what is not there, 403 for readers."""
    visit = access.enter(request, handle)
    acting.demand(visit, ACTIONS[form.action])
    row: R | None = model._default_manager.filter(tenant=visit.tenant, external_id=external_id).first()
    if row is None:
        raise Http404
    row.tenant = visit.tenant
    return row


def about(
    thing: Volume | Snapshot,
    form: type[ActionForm],
    title: StrOrPromise,
    text: StrOrPromise,
    button: StrOrPromise,
    template: str = "projects/action_form.html",
    back: str = "",
    **context: Any,
) -> FormPage:
    """The page of a form about one thing, which leads back to it, or to `back` in the tenant."""
    key = "volumes" if isinstance(thing, Volume) else "snapshots"
    url = f"{key}/{thing.external_id}/"
    gone = form.action.startswith("delete-")
    url = back or url
    return FormPage(
        form=form,
        title=title,
        text=text,
        key=key,
        crumb=(str(thing), url),
        template=template,
        button=lambda _form: button,
        context=lambda _request, _form: context,
        after=lambda visit, _form: f"/{visit.tenant.handle}/{f'{key}/' if gone else url}",
    )


def place(tenant: Tenant) -> str:
    """ "atlas @ north"."""
    return f"{tenant.project.slug} @ {tenant.location.name}"


@form_view
def create(request: HttpRequest, handle: Handle) -> HttpResponse:
    """A new volume."""
    said = _("In %(place)s. Takes a few seconds, you can leave this page meanwhile.")
    page = FormPage(
        form=CreateVolumeForm,
        title=gettext_lazy("Create volume"),
        text=said % {"place": f"{handle.project} @ {handle.location}"},
        key="volumes",
        crumb=(gettext_lazy("Volumes"), "volumes/"),
        template="projects/volume_create.html",
        button=lambda form: _("Create and attach") if form["server_id"].value() else _("Create volume"),
        context=_with_this_volume,
    )
    return acting.show(request, access.enter(request, handle), page)


def _with_this_volume(_request: HttpRequest, form: ActionForm) -> dict[str, Any]:
    left = quotas.planned(form.tenant, form.of(), form.wanted)
    return {"quotas": [replace(one, subject=_("With this volume")) for one in left]}


@form_view
def detach(request: HttpRequest, handle: Handle, external_id: str) -> HttpResponse:
    """A server loses a volume."""
    volume = thing_of(request, handle, Volume, external_id, DetachVolumeForm)
    ids = [one["server_id"] for one in volume.attachments]
    wanted = request.GET.get("server_id") or (ids[0] if ids else "")
    server = Server.objects.filter(tenant=volume.tenant, external_id=wanted).first()
    name = str(server or wanted)
    running = server is not None and server.status == "ACTIVE"
    warned = _("%(server)s is running. What it has not written to the disk yet is lost: unmount it there first.")
    page = about(
        volume,
        DetachVolumeForm,
        _("Detach %(volume)s from %(server)s") % {"volume": volume, "server": name},
        warned % {"server": name} if running else _("Its server is not running, so nothing is being written to it."),
        _("Detach"),
        CONFIRM,
        back=f"servers/{server.external_id}/" if server and request.GET.get("from") == "server" else "",
        kept=[{"text": str(volume), "small": _("%(size)s, with all that is on it") % {"size": _gb(volume)}}],
        icon="unplug",
        foot_note=_("You can attach it again with one click."),
    )
    return acting.show(request, access.enter(request, handle), page, thing=volume, server_id=wanted)


@form_view
def extend(request: HttpRequest, handle: Handle, external_id: str) -> HttpResponse:
    """A volume grows."""
    volume = thing_of(request, handle, Volume, external_id, ExtendVolumeForm)
    attached = _("It stays attached, and its server sees the new size.")
    page = about(
        volume,
        ExtendVolumeForm,
        _("Extend %(volume)s") % {"volume": volume},
        attached if volume.attachments else _("What is on it stays."),
        _("Extend"),
    )
    return acting.show(request, access.enter(request, handle), page, thing=volume)


@form_view
def snapshot(request: HttpRequest, handle: Handle, external_id: str) -> HttpResponse:
    """A volume is kept as it is now."""
    volume = thing_of(request, handle, Volume, external_id, CreateSnapshotForm)
    text = _("Keeps the volume as it is now, to go back to or to make new volumes of.")
    page = about(
        volume,
        CreateSnapshotForm,
        _("Take a snapshot of %(volume)s") % {"volume": volume},
        text,
        _("Take snapshot"),
    )
    return acting.show(request, access.enter(request, handle), page, thing=volume)


@form_view
def edit(request: HttpRequest, handle: Handle, external_id: str) -> HttpResponse:
    """A volume's name and description."""
    volume = thing_of(request, handle, Volume, external_id, EditVolumeForm)
    page = about(volume, EditVolumeForm, _("Rename %(thing)s") % {"thing": volume}, _renaming(), _("Save"))
    return acting.show(request, access.enter(request, handle), page, thing=volume)


@form_view
def edit_snapshot(request: HttpRequest, handle: Handle, external_id: str) -> HttpResponse:
    """A snapshot's name and description."""
    row = thing_of(request, handle, Snapshot, external_id, EditSnapshotForm)
    page = about(row, EditSnapshotForm, _("Rename %(thing)s") % {"thing": row}, _renaming(), _("Save"))
    return acting.show(request, access.enter(request, handle), page, thing=row)


@form_view
def delete(request: HttpRequest, handle: Handle, external_id: str) -> HttpResponse:
    """The end of a volume."""
    volume = thing_of(request, handle, Volume, external_id, DeleteVolumeForm)
    said = [_gb(volume), volume.volume_type, _made(volume)]
    page = about(
        volume,
        DeleteVolumeForm,
        _("Delete %(thing)s") % {"thing": volume},
        _("In %(place)s.") % {"place": place(volume.tenant)},
        _("Delete %(thing)s") % {"thing": volume},
        CONFIRM,
        lost=[{"text": str(volume), "small": ", ".join(filter(None, said))}],
        icon="trash-2",
        foot_note=_("There is no undo."),
    )
    return acting.show(request, access.enter(request, handle), page, thing=volume)


@form_view
def delete_snapshot(request: HttpRequest, handle: Handle, external_id: str) -> HttpResponse:
    """The end of a snapshot."""
    row = thing_of(request, handle, Snapshot, external_id, DeleteSnapshotForm)
    volume = Volume.objects.filter(tenant=row.tenant, external_id=row.volume_id).first()
    made = Volume.objects.filter(tenant=row.tenant, snapshot_id=row.external_id)
    kept = [{"text": str(volume), "small": _("The volume that it is of")}] if volume else []
    kept += [{"text": str(one), "small": _("Made from it")} for one in made]
    page = about(
        row,
        DeleteSnapshotForm,
        _("Delete %(thing)s") % {"thing": row},
        _("In %(place)s.") % {"place": place(row.tenant)},
        _("Delete %(thing)s") % {"thing": row},
        CONFIRM,
        lost=[{"text": str(row), "small": ", ".join(filter(None, [_gb(row), _made(row)]))}],
        kept=kept,
        icon="trash-2",
        foot_note=_("There is no undo."),
    )
    return acting.show(request, access.enter(request, handle), page, thing=row)


@form_view
def revert(request: HttpRequest, handle: Handle, external_id: str) -> HttpResponse:
    """A volume goes back to its latest snapshot."""
    row = thing_of(request, handle, Snapshot, external_id, RevertVolumeForm)
    volume = Volume.objects.filter(tenant=row.tenant, external_id=row.volume_id).first()
    words = {"volume": volume or row.volume_id, "snapshot": row}
    since = _("What was written to %(volume)s since %(snapshot)s was taken") % words
    page = about(
        row,
        RevertVolumeForm,
        _("Put %(volume)s back to %(snapshot)s") % words,
        _("The volume is then what it was when the snapshot was taken. The snapshot stays."),
        _("Put it back"),
        CONFIRM,
        lost=[{"text": since, "small": _made(row)}],
        kept=[{"text": str(row), "small": _("The snapshot itself")}],
        icon="undo-2",
        foot_note=_("There is no undo. A snapshot of now, taken before, would be the latest."),
    )
    return acting.show(request, access.enter(request, handle), page, thing=row, volume=volume)


def _renaming() -> str:
    return _("Names are for people: the cloud knows it by its id, and nothing that uses it notices.")


def _gb(thing: Volume | Snapshot) -> str:
    return str(formats.gibibytes(thing.size_gb))


def _made(thing: Volume | Snapshot) -> str:
    if thing.created_at is None:
        return ""
    words = {"time": formats.moment(thing.created_at), "age": formats.age(thing.created_at)}
    return _("made %(time)s, %(age)s ago") % words
