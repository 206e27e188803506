"""The forms of what is done with one volume or snapshot; which one it is their page's address says."""

import json
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import TypeAdapter, ValidationError

from portal.ui import formats
from portal.ui import forms as ui
from portal.ui.forms import FigureField, Way
from projects.actions import editing
from projects.forms.base import ActionForm
from projects.forms.confirming import ConfirmForm, NameAgainForm
from projects.outcomes import Refusal
from services.block_storage.models import Snapshot, Volume

_WORDS = TypeAdapter(tuple[str, str])


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


class Editing(ActionForm):
    """A form about the words of `thing`. It remembers those that it was opened with, so that nobody's are lost."""

    pairs = (("name", "description"),)
    param: str

    name = forms.CharField(label=gettext_lazy("Name"), max_length=255, required=False)
    description = forms.CharField(label=gettext_lazy("Description"), max_length=255, required=False)
    was = forms.CharField(widget=forms.HiddenInput, max_length=10_000)

    @property
    def thing(self) -> Volume | Snapshot:
        """The volume or snapshot of the page."""
        thing: Volume | Snapshot = self.initial["thing"]
        return thing

    def prepare(self) -> None:
        self.initial.update(name=self.thing.name, description=self.thing.description, was=self.now)

    @property
    def now(self) -> str:
        """The words that it has now, as the form remembers them."""
        return json.dumps([self.thing.name, self.thing.description])

    def clean_was(self) -> str:
        """Refuse a form that does not say what it was opened with: it could take somebody's words away."""
        was: str = self.cleaned_data["was"]
        if _words(was) is None:
            self.add_error(None, ui.Refusal(_("It can't be told what you saw when you began. Open the form again.")))
        return was

    def as_params(self, cleaned: Mapping[str, Any]) -> dict[str, Any]:
        was_name, was_description = _words(cleaned.get("was", "")) or (None, None)
        return {
            self.param: self.thing.external_id,
            "name": cleaned.get("name", ""),
            "description": cleaned.get("description", ""),
            "was_name": was_name,
            "was_description": was_description,
        }

    def refuse(self, refusal: Refusal) -> None:
        """What somebody else made of it meanwhile is told, with the way to put one's own in its place."""
        if refusal.reason == editing.meanwhile(self.thing):
            refusal = Refusal("name", refusal.reason, [Way(_("Put mine in its place"), value=self.now, field="was")])
        super().refuse(refusal)


def _words(text: str) -> tuple[str, str] | None:
    """A name and a description as `Editing.now` writes them; None for what it did not write."""
    try:
        return _WORDS.validate_json(text)
    except ValidationError:
        return None


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
