"""The form of a new volume."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django_stubs_ext import StrOrPromise

from portal.ui import formats
from portal.ui.forms import Card, CardField, CardSelect, FigureField
from portal.ui.status import status_of
from projects.actions import create_volume
from projects.actions.parts import attaching, storage
from projects.forms.base import ActionForm
from projects.models import Image, Server, Service, Snapshot, Volume, VolumeType

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
        self.least: dict[str, int] = {}
        self._sources()
        self._types()
        self._zones()
        self._servers()
        field = next((name for name in SOURCES.values() if self.initial.get(name)), "")
        if field:
            self.initial["start"] = next(start for start, name in SOURCES.items() if name == field)
        self.initial.setdefault("size_gb", self.least.get(str(self.initial.get(field)), SIZE))

    @property
    def server(self) -> Server | None:
        """The server that is chosen."""
        return self.servers.get(self.said("server_id"))

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

    def _sources(self) -> None:
        images = list(Image.objects.filter(tenant=self.tenant, status="active"))
        snapshots = list(Snapshot.objects.filter(tenant=self.tenant).order_by("-created_at", "name"))
        # Projects have many of them, whose other columns take long to read.
        volumes = list(Volume.objects.filter(tenant=self.tenant).only("external_id", "name", "size_gb", "status"))
        names = {volume.external_id: str(volume) for volume in volumes}
        self.least = {
            **{one.external_id: create_volume.least_for(one) for one in images},
            **{one.external_id: one.size_gb for one in snapshots},
            **{one.external_id: one.size_gb for one in volumes},
        }
        self._fill("image_id", ((one.external_id, Card(str(one), self._gb(one.external_id))) for one in images))
        self._fill(
            "snapshot_id",
            (
                (one.external_id, Card(str(one), self._snapshot(one, names), _unready("snapshot", one.status)))
                for one in snapshots
            ),
        )
        self._fill(
            "source_volume_id",
            (
                (one.external_id, Card(str(one), self._gb(one.external_id), _unready("volume", one.status)))
                for one in volumes
            ),
        )
        cards = (
            ("empty", Card(_("Empty"), _("Format it yourself"))),
            ("image", Card(_("Image"), _("A bootable disk"), "" if images else _("None here"))),
            ("snapshot", Card(_("Snapshot"), _many(len(snapshots)), "" if snapshots else _("None yet"))),
            ("volume", Card(_("Volume"), _("A copy of another"), "" if volumes else _("None yet"))),
        )
        self.choose("start", cards)

        for name in ("snapshot_id", "source_volume_id"):
            self.fields[name].help_text = _("The new volume gets the type of what it is made from.")

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
        """A choice of zones only where there is one to make."""
        zones = storage.zones_of(self.tenant, Service.BLOCK_STORAGE)
        if len(zones) < 2:
            del self.fields["zone"]
            return
        self.choose("zone", [("", _("The cloud chooses")), *((zone, zone) for zone in zones)])

    def _servers(self) -> None:
        """Servers in the zone that the volume will be in."""
        zones = storage.zones_of(self.tenant, Service.BLOCK_STORAGE)
        chosen = self.said("zone") if "zone" in self.fields else "".join(zones)
        compute = storage.zones_of(self.tenant, Service.COMPUTE)
        columns = "external_id", "name", "status", "task_state", "locked", "zone", "volumes", "image_id"
        servers = list(Server.objects.filter(tenant=self.tenant).only("tenant_id", *columns))
        near = attaching.near(chosen, servers, compute)
        self.servers = {one.external_id: one for one in near}
        cards = [("", _("Nothing for now")), *((one.external_id, server_card(one)) for one in near)]
        self.choose("server_id", cards)
        hints = []
        if len(near) < len(servers):
            hints.append(_("Only servers in the same zone are listed."))
        if self.server:
            words = {"server": str(self.server), "device": next_device(self.server)}
            hints.append(_("%(server)s will most likely see it as %(device)s.") % words)
        self.fields["server_id"].help_text = " ".join(hints)

    def _fill(self, name: str, cards: Iterable[tuple[str, Card]]) -> None:
        self.choose(name, [("", _("Choose one")), *cards])


def server_card(server: Server) -> Card:
    """A server as a line of a select: "db-01, running, zone nova"; blocked while its volumes can't be changed."""
    said = str(status_of("server", server.status).word)
    text = said[:1].lower() + said[1:]
    if server.zone:
        text = _("%(state)s, zone %(zone)s") % {"state": text, "zone": server.zone}
    against = next(iter(attaching.changeable(server)), None)
    return Card(str(server), text, against.reason if against else "")


def next_device(server: Server) -> str:
    """The name that a Linux server gives its next disk, as clouds count: after those that it has."""
    devices = {str(one.get("device") or "") for one in server.volumes}
    for attachments in Volume.objects.filter(tenant=server.tenant_id).values_list("attachments", flat=True):
        devices |= {one["device"] for one in attachments if one["server_id"] == server.external_id}
    letters = {device[-1:] for device in devices} | ({"a"} if server.image_id else set())
    free = next((letter for letter in "abcdefghijklmnopqrstuvwxyz" if letter not in letters), "z")
    return f"/dev/vd{free}"


def _unready(kind: str, status: str) -> StrOrPromise:
    """Why nothing can be made from it now."""
    return "" if status in ("available", "in-use") else status_of(kind, status).word


def _many(count: int) -> str:
    return ngettext("%(n)d in this project", "%(n)d in this project", count) % {"n": count}
