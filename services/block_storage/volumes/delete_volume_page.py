"""The page that deletes a volume."""

from typing import Any

from projects.forms.confirming import NameAgainForm
from projects.pages.action_pages import About, ActionPage, Words
from services.block_storage.volumes import forms
from services.block_storage.volumes.kind import VOLUMES


class DeleteVolumeForm(NameAgainForm):
    """Confirms the end of a volume."""

    action = "delete-volume"

    def given(self) -> dict[str, Any]:
        return {"volume_id": self.initial["thing"].external_id}


def words(about: About) -> Words:
    """Say what stands on the page."""
    volume = about.thing
    said = [forms.size_of(volume), volume.volume_type, forms.made(volume)]
    return forms.deleting(about, ", ".join(filter(None, said)), [])


PAGE = ActionPage(kind=VOLUMES, path="delete/", form=DeleteVolumeForm, words=words, ends=True)
