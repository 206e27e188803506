"""The page that creates a volume."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django_stubs_ext import StrOrPromise

from portal.ui import formats
from portal.ui.forms import Card, CardField, CardSelect, FigureField
from portal.ui.status import status_of
from projects.forms.base import ActionForm, Choice
from projects.pages import quotas
from projects.pages.action_pages import About, ActionPage, Words
from services.block_storage.models import Snapshot, Volume, VolumeType
from services.block_storage.volumes import attaching, create_volume, storage
from services.block_storage.volumes.forms import next_device, server_card
from services.block_storage.volumes.kind import VOLUMES
from services.compute.models import Server
from services.images.models import Image
from services.openstack.words import Service

# What a volume can be made from, and the field that names it.
SOURCES = {"image": "image_id", "snapshot": "snapshot_id", "volume": "source_volume_id"}
# A beginning that is neither too small to be useful nor much of anybody's quota.
SIZE = 10


class CreateVolumeForm(ActionForm):
    """Its name, what it starts from, its size and type, and where it is attached when it is ready."""

    action = "create-volume"

    name = forms.CharField(label=gettext_lazy("Name"), max_length=255)
    description = forms.CharField(label=gettext_lazy("Description"), max_length=255, required=False)
    start = CardField(label=gettext_lazy("Start from"), initial="empty")
    image_id = CardField(label=gettext_lazy("Image"), widget=CardSelect)
    snapshot_id = CardField(label=gettext_lazy("Snapshot"), widget=CardSelect)
    source_volume_id = CardField(label=gettext_lazy("Volume to copy"), widget=CardSelect)
    size_gb = FigureField(label=gettext_lazy("Size"), unit="GB", least=1)
    volume_type = CardField(label=gettext_lazy("Type"), required=False, widget=CardSelect)
    zone = CardField(label=gettext_lazy("Zone"), required=False, widget=CardSelect)
    server_id = CardField(label=gettext_lazy("Attach to"), required=False, widget=CardSelect)

    def prepare(self) -> None:
        self.choose("start", self._starts)
        self.choose("image_id", self._images)
        self.choose("snapshot_id", self._snapshots)
        self.choose("source_volume_id", self._volumes)
        for name in ("snapshot_id", "source_volume_id"):
            self.fields[name].help_text = _("The new volume gets the type of what it is made from.")
        self._types()
        self._zones()
        self.choose("server_id", self._servers)
        if self.is_bound:
            return  # what it starts with is not asked for any more
        field = next((name for name in SOURCES.values() if self.initial.get(name)), "")
        if field:
            self.initial["start"] = next(start for start, name in SOURCES.items() if name == field)
            self.initial.setdefault("size_gb", self.least.get(str(self.initial[field]), SIZE))
        self.initial.setdefault("size_gb", SIZE)

    def dress(self) -> None:
        self["server_id"].help_text = self._server_hint()

    @cached_property
    def images(self) -> list[Image]:
        """What a volume can be made from."""
        return list(Image.objects.filter(tenant=self.tenant, status="active"))

    @cached_property
    def snapshots(self) -> list[Snapshot]:
        """The project's snapshots, the newest first."""
        return list(Snapshot.objects.filter(tenant=self.tenant).order_by("-created_at", "name"))

    @cached_property
    def volumes(self) -> list[Volume]:
        """The project's volumes. It may have many of them, whose other columns take long to read."""
        return list(Volume.objects.filter(tenant=self.tenant).only("external_id", "name", "size_gb", "status"))

    @cached_property
    def servers(self) -> list[Server]:
        """The project's servers, with what says whether they can have it."""
        columns = "external_id", "name", "status", "task_state", "locked", "zone", "volumes", "image_id"
        return list(Server.objects.filter(tenant=self.tenant).only("tenant_id", *columns))

    @cached_property
    def near(self) -> dict[str, Server]:
        """Those in the zone that the volume will be in, by id."""
        chosen = self.said("zone") if "zone" in self.fields else "".join(self.zones)
        compute = storage.zones_of(self.tenant, Service.COMPUTE)
        return {one.external_id: one for one in attaching.near(chosen, self.servers, compute)}

    @property
    def server(self) -> Server | None:
        """The server that is chosen."""
        return self.near.get(self.said("server_id"))

    @cached_property
    def least(self) -> dict[str, int]:
        """The GB that a volume needs, by the id of what it is made from."""
        return {
            **{one.external_id: create_volume.least_for(one) for one in self.images},
            **{one.external_id: one.size_gb for one in self.snapshots},
            **{one.external_id: one.size_gb for one in self.volumes},
        }

    def as_params(self, cleaned: Mapping[str, Any]) -> dict[str, Any]:
        kept = super().as_params(cleaned)
        start = kept.pop("start", "empty")
        others = {field for key, field in SOURCES.items() if key != start}
        if start in ("snapshot", "volume"):
            others.add("volume_type")  # a copy has the type of what it is made from
        return {name: value for name, value in kept.items() if name not in others}

    def clean(self) -> dict[str, Any]:
        start = self.cleaned_data.get("start", "empty")
        for key, field in SOURCES.items():
            if key != start:
                self.errors.pop(field, None)  # it is not shown
        return super().clean()

    def _starts(self) -> Iterator[Choice]:
        yield "empty", Card(_("Empty"), _("Format it yourself"))
        yield "image", Card(_("Image"), _("A bootable disk"), "" if self.images else _("None here"))
        yield "snapshot", Card(_("Snapshot"), _many(len(self.snapshots)), "" if self.snapshots else _("None yet"))
        yield "volume", Card(_("Volume"), _("A copy of another"), "" if self.volumes else _("None yet"))

    def _images(self) -> Iterator[Choice]:
        yield "", _("Choose one")
        for one in self.images:
            yield one.external_id, Card(str(one), self._gb(one.external_id))

    def _snapshots(self) -> Iterator[Choice]:
        yield "", _("Choose one")
        names = {volume.external_id: str(volume) for volume in self.volumes}
        for one in self.snapshots:
            yield one.external_id, Card(str(one), self._snapshot(one, names), _unready("snapshot", one.status))

    def _volumes(self) -> Iterator[Choice]:
        yield "", _("Choose one")
        for one in self.volumes:
            yield one.external_id, Card(str(one), self._gb(one.external_id), _unready("volume", one.status))

    def _servers(self) -> Iterator[Choice]:
        yield "", _("Nothing for now")
        for one in self.near.values():
            yield one.external_id, server_card(one)

    def _server_hint(self) -> str:
        hints = []
        if len(self.near) < len(self.servers):
            hints.append(_("Only servers in the same zone are listed."))
        if self.server:
            words = {"server": str(self.server), "device": next_device(self.server)}
            hints.append(_("%(server)s will most likely see it as %(device)s.") % words)
        return " ".join(hints)

    def _gb(self, external_id: str) -> str:
        return str(formats.gibibytes(self.least[external_id]))

    def _snapshot(self, snapshot: Snapshot, names: Mapping[str, str]) -> str:
        size = self._gb(snapshot.external_id)
        if snapshot.volume_id not in names:
            return size
        return _("%(size)s, of %(volume)s") % {"size": size, "volume": names[snapshot.volume_id]}

    def _types(self) -> None:
        types = list(VolumeType.objects.filter(tenant=self.tenant))
        if not types:
            del self.fields["volume_type"]
            return
        self.choose("volume_type", ((one.name, Card(str(one), one.description)) for one in types))
        default = next((one for one in types if one.default), types[0])
        self.initial.setdefault("volume_type", default.name)
        self.fields["volume_type"].required = True

    def _zones(self) -> None:
        """Offer a choice of zones only where there is one to make."""
        self.zones = storage.zones_of(self.tenant, Service.BLOCK_STORAGE)
        if len(self.zones) < 2:
            del self.fields["zone"]
            return
        self.choose("zone", [("", _("The cloud chooses")), *((zone, zone) for zone in self.zones)])


def _unready(kind: str, status: str) -> StrOrPromise:
    """Say why nothing can be made from it now."""
    return "" if status in ("available", "in-use") else status_of(kind, status).word


def _many(count: int) -> str:
    return ngettext("%(n)d in this project", "%(n)d in this project", count) % {"n": count}


def words(about: About) -> Words:
    """Say what stands on the page."""
    said = _("In %(place)s. Takes a few seconds, you can leave this page meanwhile.")
    return Words(
        title=_("Create volume"),
        text=said % {"place": about.place},
        button=lambda form: _("Create and attach") if form["server_id"].value() else _("Create volume"),
        template="block_storage/volume_create.html",
        context=_left,
    )


def _left(form: ActionForm) -> dict[str, Any]:
    """Return what is left of the quotas with the volume that the form describes."""
    left = quotas.planned(form.tenant, form.of(), form.wanted)
    return {"quotas": [replace(one, subject=_("With this volume")) for one in left]}


PAGE = ActionPage(kind=VOLUMES, path="create/", form=CreateVolumeForm, words=words, makes=True)
