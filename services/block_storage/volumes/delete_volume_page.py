"""The page that deletes a volume."""

from typing import Any

from projects.forms.confirming import NameAgainForm
from projects.pages.action_pages import About, ActionPage, Words
from services.block_storage.volumes import forms
from services.block_storage.volumes.delete_volume import DeleteVolume
from services.block_storage.volumes.kind import VOLUMES
from services.block_storage.volumes.one_volume import Params


class DeleteVolumeForm(NameAgainForm):
    """Confirms the end of a volume."""

    action = "delete-volume"

    def given(self) -> dict[str, Any]:
        return {"volume_id": self.initial["thing"].external_id}


def words(about: About) -> Words:
    """Say what stands on the page."""
    return forms.deleting(about, DeleteVolume().ends_of(about.thing, Params(volume_id=about.thing.external_id)))


PAGE = ActionPage(kind=VOLUMES, path="delete/", form=DeleteVolumeForm, words=words, ends=True)
