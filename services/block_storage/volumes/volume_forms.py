"""The forms of what is done with one volume or snapshot; which one it is their page's address says."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.ui import formats
from portal.ui.forms import FigureField
from projects.forms.base import ActionForm
from projects.forms.confirming import ConfirmForm, NameAgainForm
from projects.forms.editing import Editing
from services.block_storage.models import Snapshot, Volume


class OfVolume(ActionForm):
    """A form about the volume `thing`."""

    @property
    def volume(self) -> Volume:
        """The volume of the page."""
        volume: Volume = self.initial["thing"]
        return volume

    def as_params(self, cleaned: Mapping[str, Any]) -> dict[str, Any]:
        return {**super().as_params(cleaned), "volume_id": self.volume.external_id}


class DetachVolumeForm(ConfirmForm):
    """Confirms that a server loses a disk. Nothing is typed: it can be attached again."""

    action = "detach-volume"

    def given(self) -> dict[str, Any]:
        return {"volume_id": self.initial["thing"].external_id, "server_id": self.initial.get("server_id", "")}


class ExtendVolumeForm(OfVolume):
    """How large it shall be."""

    action = "extend-volume"

    size_gb = FigureField(label=gettext_lazy("New size"), unit="GB", least=1)

    def prepare(self) -> None:
        now = formats.number(self.volume.size_gb)
        said = _("It has %(n)s GB now, and can't be made smaller again. The file system on it has to be extended too.")
        self.fields["size_gb"].help_text = said % {"n": now}
        self.initial.setdefault("size_gb", self.volume.size_gb + 10)


class CreateSnapshotForm(OfVolume):
    """What the snapshot is called."""

    action = "create-snapshot"
    pairs = (("name", "description"),)

    name = forms.CharField(label=gettext_lazy("Name"), max_length=255)
    description = forms.CharField(label=gettext_lazy("Description"), max_length=255, required=False)

    def prepare(self) -> None:
        self.initial.setdefault("name", f"{self.volume}-{timezone.localdate():%Y-%m-%d}"[:255])
        if self.volume.attachments:
            said = _(
                "The volume is in use: the snapshot has what was written to the disk by then, as after a power cut."
            )
            self.fields["name"].help_text = said


class EditVolumeForm(Editing):
    """A volume's words."""

    action = "edit-volume"
    param = "volume_id"


class EditSnapshotForm(Editing):
    """A snapshot's words."""

    action = "edit-snapshot"
    param = "snapshot_id"


class DeleteVolumeForm(NameAgainForm):
    """Confirms the end of a volume."""

    action = "delete-volume"

    def given(self) -> dict[str, Any]:
        return {"volume_id": self.initial["thing"].external_id}


class DeleteSnapshotForm(NameAgainForm):
    """Confirms the end of a snapshot."""

    action = "delete-snapshot"

    def given(self) -> dict[str, Any]:
        return {"snapshot_id": self.initial["thing"].external_id}


class RevertVolumeForm(NameAgainForm):
    """Confirms that what was written since the snapshot is lost: the volume's name is typed."""

    action = "revert-volume"

    def expected(self) -> str:
        volume: Volume | None = self.initial["volume"]
        return str(volume) if volume else super().expected()

    def given(self) -> dict[str, Any]:
        snapshot: Snapshot = self.initial["thing"]
        return {"volume_id": snapshot.volume_id, "snapshot_id": snapshot.external_id}
